// The CSV scanner on a GPU: rows of a text -> typed columns. Header-free; compiled by NVRTC with --fmad=false, and by a
// C++ compiler in tests. io/csv_device.py defines the tables and names in capitals that are not defined here.
//
// primitives/csv.py and numbers.py define the meaning; here are the cases that nearly all rows are, each the twin of the
// function of its name. What else there is stays with the CPU's scanner, and nothing is guessed:
//
//   a field   that is none of those cases is listed in `redo`: the host reads it, alone
//   a text    in which lines may not be rows (a quoted line end, a carriage return alone, a blank line, a row too long or
//             cut) sets result[DOUBT]: the host reads all of it
//
// A thread takes segments of SEGMENT bytes: it reads the rows behind the line ends that stand there. `count_rows` counts
// them; the host sums the counts up, so that in `read_rows` every thread knows where its rows go.

typedef unsigned char u1;
typedef int i4;
typedef unsigned int u4;
typedef long long i8;
typedef unsigned long long u8;
typedef double f8;

#define SEGMENT 128
#define QUOTE 34
#define LF 10
#define CR 13

// One run's columns, as the host writes them: `words` has two for each wanted column, what to do and the format of dates;
// then, of each field of a row, its place among the wanted columns, or -1.
struct Plan {
  i8 separator, fields, long_rows, wanted, redo_entries, words[1];
};

// One text. Its rows are those that start behind a line end in text[lo:hi]; they end in text[:size], which is the end of
// the file if `final`. `ends` counts rows by segments: first those in each; then, in it and all before.
struct Text {
  const Plan* plan;
  const u1* bytes;
  i8 lo, hi, size, final;
  i4* ends;
  i8 rows, *outputs, *result, *redo;
};

// What `result` holds: whether all is in doubt, how many fields are left, where the first row and the row after the last
// one start; then the kinds of each wanted column.
enum { DOUBT, REDO, START, STOP, RESULT_KINDS };

// -- numbers ---------------------------------------------------------------------------------------------------------

__device__ __forceinline__ bool is_digit(u1 byte) { return (u1)(byte - 48) < 10; }

struct Decimal {
  u8 significand;
  i4 exponent, used;
  bool negative, is_float;
};

// An optional power of ten, `e-5`, that ends at `end`; false for anything else.
__device__ __forceinline__ bool read_power(const u1* text, i8 at, i8 end, i4* power) {
  if (text[at] != 'e' && text[at] != 'E') return false;
  bool negative = ++at < end && text[at] == '-';
  if (at < end && (text[at] == '-' || text[at] == '+')) at++;
  if (at == end) return false;
  i4 found = 0;
  for (; at < end && is_digit(text[at]); at++) found = found < 100000 ? found * 10 + text[at] - 48 : found;
  *power = negative ? -found : found;
  return at == end;
}

// Any number of at most 19 significant digits, without blanks around it.
__device__ __forceinline__ bool decimal(const u1* text, i8 at, i8 end, Decimal* number) {
  u8 significand = 0;
  i4 exponent = 0, used = 0;
  bool seen = false, point = false;
  number->negative = at < end && text[at] == '-';
  if (at < end && (text[at] == '-' || text[at] == '+')) at++;
  for (; at < end; at++) {
    u1 byte = text[at];
    if (is_digit(byte)) {
      significand = significand * 10 + byte - 48;
      used += significand > 0, exponent -= point, seen = true;
    } else if (byte == '.' && !point) {
      point = true;
    } else {
      break;
    }
    if (used > 19) return false;
  }
  i4 power = 0;
  number->is_float = point || at < end;
  if (!seen || (at < end && !read_power(text, at, end, &power))) return false;
  number->significand = significand, number->exponent = exponent + power, number->used = used;
  return true;
}

// The bits of the nearest float64; false for the few, and all subnormals, that need more than 128 bits.
__device__ __noinline__ bool eisel_lemire(u8 significand, i4 exponent, u8* bits) {
  *bits = 0;
  if (significand == 0 || exponent < SMALLEST) return true;
  u8 infinity = 2047ULL << 52;
  *bits = infinity;
  if (exponent > LARGEST) return true;
  i4 zeros = __clzll((i8)significand);
  u8 shifted = significand << zeros, five = FIVES_HIGH[exponent - SMALLEST];
  u8 high = __umul64hi(shifted, five), low = shifted * five;
  if ((high & 0x1FF) == 0x1FF) {
    u8 more = low + __umul64hi(shifted, FIVES_LOW[exponent - SMALLEST]);
    high += more < low;
    low = more;
  }
  if (low == ~0ULL && (exponent < -27 || exponent > 55)) return false;
  i4 upper = (i4)(high >> 63);
  u8 mantissa = high >> (upper + 9);
  i4 power = ((217706 * exponent) >> 16) + 63 + 1023 - zeros + upper;
  if (power <= 0) return false;
  bool halfway = low <= 1 && (mantissa & 3) == 1 && mantissa << (upper + 9) == high;
  if (halfway && exponent >= -4 && exponent <= 23) mantissa &= ~1ULL;  // no remainder: ties go to even
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  i4 carry = (i4)(mantissa >> 53);
  power += carry;
  mantissa = (mantissa >> carry) & ((1ULL << 52) - 1);
  if (power < 2047) *bits = mantissa | (u8)power << 52;
  return true;
}

__device__ __forceinline__ bool to_float(const Decimal& number, f8* value) {
  i4 exponent = number.exponent;
  if (number.significand >> 53 == 0 && exponent >= -22 && exponent <= 22) {  // one operation on two exact floats
    f8 whole = (f8)(i8)number.significand;
    *value = exponent < 0 ? whole / TENS[-exponent] : whole * TENS[exponent];
  } else {
    u8 bits;
    if (!eisel_lemire(number.significand, exponent, &bits)) return false;
    *value = __longlong_as_double((i8)bits);
  }
  if (number.negative) *value = -*value;
  return true;
}

// -- dates and words -------------------------------------------------------------------------------------------------

// The number that two digits make; 1000 where one is none.
__device__ __forceinline__ i4 pair(const u1* text) {
  return is_digit(text[0]) && is_digit(text[1]) ? (text[0] - 48) * 10 + text[1] - 48 : 1000;
}

__device__ __forceinline__ i8 day_number(i8 year, i4 month, i4 day) {
  year += 400 - (month <= 2);
  i8 centuries = year / 100;
  return 365 * year + (year >> 2) - centuries + (centuries >> 2) + FROM_MARCH[month] + day - 719469 - 146097;
}

// An ISO date as microseconds since 1970, and the number of its format; -1 for none.
__device__ __forceinline__ i4 date(const u1* text, i8 length, i8* moment) {
  if (length < 10 || text[4] != '-' || text[7] != '-') return -1;
  i4 century = pair(text), years = pair(text + 2), month = pair(text + 5), day = pair(text + 8);
  if (century > 99 || years > 99 || month > 12) return -1;
  i4 year = century * 100 + years;
  bool leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day < 1 || day > MONTH_DAYS[month] + leap) return -1;
  *moment = day_number(year, month, day) * 86400000000LL;
  if (length == 10) return 0;
  if (length < 16 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':') return -1;
  i4 hour = pair(text + 11), minute = pair(text + 14), second = 0;
  i4 format = text[10] == 'T' ? 2 : 1;
  if (length == 16) {
    format += 4;
  } else {
    if (length < 19 || text[16] != ':') return -1;
    second = pair(text + 17);
  }
  if (hour > 23 || minute > 59 || second > 59) return -1;
  *moment += ((hour * 60 + minute) * 60 + second) * 1000000LL;
  if (length <= 19) return format;
  if (length == 20 || length > 26 || text[19] != '.') return -1;
  i4 fraction = 0;
  for (i4 k = 20; k < 26; k++) {
    if (k < length && !is_digit(text[k])) return -1;
    fraction = fraction * 10 + (k < length ? text[k] - 48 : 0);
  }
  *moment += fraction;
  return format + 2;
}

// Nothing, or one of pandas' words for it.
__device__ __forceinline__ bool is_null(const u1* text, i8 length) {
  if (length <= 0 || length > 8) return length <= 0;
  u8 word = 0;
  for (i4 k = 0; k < length; k++) word |= (u8)text[k] << (8 * k);
  i4 place = (i4)(word * NULL_MULTIPLIER >> 58);
  return NULL_TABLE[place] == word && NULL_LENGTHS[place] == length;
}

__device__ __forceinline__ bool is_word(const u1* text, i8 length, const char* word, i4 letters) {
  if (length != letters) return false;
  for (i4 k = 0; k < letters; k++) {
    if ((text[k] | 32) != word[k]) return false;
  }
  return true;
}

// -- fields ----------------------------------------------------------------------------------------------------------

// Kinds of text as numbers.py names them; 0 for a field that is none of these cases. Each writes one value of a column.

__device__ __forceinline__ u4 read_float(const u1* text, i8 start, i8 end, f8* value) {
  Decimal number;
  if (decimal(text, start, end, &number)) {
    bool is_plain = number.is_float || (number.used < 19 && !(number.negative && number.significand == 0));
    return is_plain && to_float(number, value) ? (number.is_float ? KIND_FLOAT : KIND_INT) : 0;
  }
  *value = __longlong_as_double(0x7ff8000000000000LL);
  return is_null(text + start, end - start) ? KIND_NULL : 0;
}

__device__ __forceinline__ u4 read_integer(const u1* text, i8 start, i8 end, i8* value) {
  Decimal number;
  *value = 0;
  if (!decimal(text, start, end, &number)) return is_null(text + start, end - start) ? KIND_NULL : 0;
  if (number.is_float || number.used > 18) return 0;
  *value = number.negative ? -(i8)number.significand : (i8)number.significand;
  return number.negative ? KIND_INT | KIND_NEGATIVE : KIND_INT;
}

__device__ __forceinline__ u4 read_date(const u1* text, i8 start, i8 end, i8 wanted, i8* value) {
  i4 format = date(text + start, end - start, value);
  if (format == wanted) return KIND_DATE << format;
  *value = (i8)(1ULL << 63);
  return is_null(text + start, end - start) ? KIND_NULL : 0;
}

__device__ __forceinline__ u4 read_truth(const u1* text, i8 start, i8 end, i8* value) {
  *value = is_word(text + start, end - start, "true", 4);
  if (*value || is_word(text + start, end - start, "false", 5)) return KIND_BOOL;
  return is_null(text + start, end - start) ? KIND_NULL : 0;
}

// Text stays where it is: a value is its position, in the high half, and its length; -1 for none.
__device__ __forceinline__ u4 read_text(const u1* text, i8 start, i8 end, i8* value) {
  bool missing = is_null(text + start, end - start);
  *value = missing ? -1 : start << 32 | (end - start);
  return missing ? KIND_NULL : KIND_TEXT;
}

__device__ __forceinline__ u4 read_value(const Text& text, i8 column, i8 row, i8 start, i8 end) {
  const i8* words = text.plan->words + 2 * column;
  i8* value = text.outputs + column * text.rows + row;
  switch (words[0]) {
    case ACTION_FLOAT64: return read_float(text.bytes, start, end, (f8*)value);
    case ACTION_DATETIME: return read_date(text.bytes, start, end, words[1], value);
    case ACTION_BOOLEAN: return read_truth(text.bytes, start, end, value);
    case ACTION_STRING: return read_text(text.bytes, start, end, value);
    default: return read_integer(text.bytes, start, end, value);
  }
}

// Is there a quote between two positions, where quotes around the field are none?
__device__ __forceinline__ bool has_quote(const u1* text, i8 start, i8 end) {
  for (; start < end; start++) {
    if (text[start] == QUOTE) return true;
  }
  return false;
}

__device__ __forceinline__ i8 column_of(const Plan& plan, i8 field) { return plan.words[2 * plan.wanted + field]; }

__device__ __forceinline__ void read_field(const Text& text, i8 column, i8 row, i8 start, i8 end, u4* kinds) {
  bool quoted = start < end && text.bytes[start] == QUOTE;
  u4 kind = 0;
  if (quoted && has_quote(text.bytes, start + 1, end - 1)) {
    text.outputs[column * text.rows + row] = -1;
  } else {
    kind = read_value(text, column, row, start + quoted, end - quoted);
  }
  if (kind & ~kinds[column]) atomicOr(kinds + column, kind);
  if (kind) return;
  i8 place = (i8)atomicAdd((u8*)text.result + REDO, 1ULL);
  if (place >= text.plan->redo_entries) return;
  i8* entry = text.redo + 4 * place;
  entry[0] = row, entry[1] = column, entry[2] = start, entry[3] = end;
}

// -- rows ------------------------------------------------------------------------------------------------------------

// The position behind the quote that closes a field; -1 where the line ends before.
__device__ __forceinline__ i8 after_quotes(const u1* text, i8 at, i8 size) {
  for (; at < size && text[at] != LF; at++) {
    if (text[at] != QUOTE) continue;
    if (at + 1 >= size || text[at + 1] != QUOTE) return at + 1;
    at++;
  }
  return -1;
}

__device__ __forceinline__ i8 field_end(const u1* text, i8 at, i8 size, u1 separator) {
  if (at < size && text[at] == QUOTE) at = after_quotes(text, at + 1, size);
  if (at < 0) return at;
  while (at < size && text[at] != separator && text[at] != LF && text[at] != CR) at++;
  return at;
}

__device__ __forceinline__ bool is_blank_line(const u1* text, i8 at, i8 size, u1 separator) {
  while (at < size && (text[at] == ' ' || text[at] == '\t') && text[at] != separator) at++;
  return at == size || text[at] == LF || text[at] == CR;
}

// Where the row after the one that ends at `end` starts; -1 in doubt.
__device__ __forceinline__ i8 after_row(const Text& text, i8 end) {
  if (end == text.size) return text.final ? end : -1;
  if (text.bytes[end] == LF) return end + 1;
  return end + 1 < text.size && text.bytes[end + 1] == LF ? end + 2 : -1;
}

// Read the row that starts at `at`: where the next one starts, or -1 in doubt.
__device__ __forceinline__ i8 read_row(const Text& text, i8 at, i8 row, u4* kinds) {
  u1 separator = (u1)text.plan->separator;
  if (is_blank_line(text.bytes, at, text.size, separator)) return -1;
  i8 field = 0;
  while (true) {
    i8 end = field_end(text.bytes, at, text.size, separator);
    if (end < 0) return -1;
    i8 column = field < text.plan->fields ? column_of(*text.plan, field) : -1;
    if (column >= 0) read_field(text, column, row, at, end, kinds);
    field++;
    at = end;
    if (at == text.size || text.bytes[at] != separator) break;
    at++;
  }
  if (field > text.plan->fields && !text.plan->long_rows) return -1;
  for (; field < text.plan->fields; field++) {
    if (column_of(*text.plan, field) >= 0) read_field(text, column_of(*text.plan, field), row, at, at, kinds);
  }
  return after_row(text, at);
}

__device__ __forceinline__ void read_segment(const Text& text, i8 segment, u4* kinds) {
  i8 row = segment ? text.ends[segment - 1] : 0, stop = text.ends[segment], first = segment * SEGMENT;
  if (row == stop) return;
  i8 at = first < text.lo ? text.lo : first;
  while (text.bytes[at] != LF) at++;
  at++;
  if (row == 0) text.result[START] = at;
  for (; row < stop; row++) {
    at = read_row(text, at, row, kinds);
    if (at < 0) {
      text.result[DOUBT] = 1;
      return;
    }
  }
  if (stop == text.rows) text.result[STOP] = at;
}

__device__ __forceinline__ i4 line_ends(const u1* text, i8 lo, i8 hi, i8 segment) {
  i8 at = segment * SEGMENT, stop = at + SEGMENT;
  i4 count = 0;
  if (at < lo || stop > hi) {
    stop = stop < hi ? stop : hi;
    for (at = at < lo ? lo : at; at < stop; at++) count += text[at] == LF;
    return count;
  }
  for (; at < stop; at += 8) {
    u8 word = *(const u8*)(text + at) ^ 0x0A0A0A0A0A0A0A0AULL, low7 = 0x7F7F7F7F7F7F7F7FULL;
    count += __popcll(~(((word & low7) + low7) | word | low7));
  }
  return count;
}

#define FOR_EACH(k, count) \
  for (i8 k = (i8)blockIdx.x * blockDim.x + threadIdx.x; k < count; k += (i8)gridDim.x * blockDim.x)

extern "C" __global__ void count_rows(const u1* text, i8 lo, i8 hi, i4* ends, i8 segments) {
  FOR_EACH(segment, segments) ends[segment] = line_ends(text, lo, hi, segment);
}

extern "C" __global__ void read_rows(const Plan* plan, const u1* bytes, i8 lo, i8 hi, i8 size, i8 final, i4* ends,
                                     i8 segments, i8 rows, i8* outputs, i8* result, i8* redo) {
  extern __shared__ u4 table[];  // the kinds of each column
  i4 wanted = (i4)plan->wanted;
  for (i4 k = threadIdx.x; k < wanted; k += blockDim.x) table[k] = 0;
  __syncthreads();
  Text text = {plan, bytes, lo, hi, size, final, ends, rows, outputs, result, redo};
  FOR_EACH(segment, segments) read_segment(text, segment, table);
  __syncthreads();
  for (i4 k = threadIdx.x; k < wanted; k += blockDim.x) {
    if (table[k]) atomicOr((u8*)result + RESULT_KINDS + k, (u8)table[k]);
  }
}

// -- few words -------------------------------------------------------------------------------------------------------

__device__ __forceinline__ u8 hash_of(const u1* text, i8 span) {
  i8 length = span & 0xFFFFFFFF;
  u8 hash = length;
  for (text += span >> 32; length > 0; length--) hash = (hash ^ *text++) * 0x9E3779B97F4A7C15ULL;
  hash = (hash ^ hash >> 32) * 0x9E3779B97F4A7C15ULL;
  return hash ? hash : 1;
}

__device__ __forceinline__ bool are_equal(const u1* text, i8 one, i8 other) {
  if (one << 32 != other << 32) return false;
  for (i8 k = 0; k < (one & 0xFFFFFFFF); k++) {
    if (text[(one >> 32) + k] != text[(other >> 32) + k]) return false;
  }
  return true;
}

// The place of a hash in a table, taken by whoever comes first, whose text stays with it; -1 where it has too many.
__device__ __forceinline__ i4 place_of(u8 hash, i8 span, u8* hashes, i8* spans) {
  i4 place = (i4)(hash % PLACES);
  for (i4 tries = 0; tries < 64; tries++) {
    u8 seen = *(volatile u8*)(hashes + place);
    if (seen == 0) seen = atomicCAS(hashes + place, 0ULL, hash);
    if (seen == 0) spans[place] = span;
    if (seen == 0 || seen == hash) return place;
    place = (place + 1) % PLACES;
  }
  return -1;
}

// Codes of texts: the places of their hashes, PLACES for none.
extern "C" __global__ void number_texts(const u1* text, const i8* values, i8 rows, u8* hashes, i8* spans, i4* codes,
                                        i8* doubt) {
  FOR_EACH(row, rows) {
    if (*(volatile i8*)doubt) return;
    i8 span = values[row];
    codes[row] = span < 0 ? PLACES : place_of(hash_of(text, span), span, hashes, spans);
    if (codes[row] < 0) *doubt = 1;
  }
}

// Is every text the one that stays at its place? Another may have the same hash.
extern "C" __global__ void compare_texts(const u1* text, const i8* values, i8 rows, const i8* spans, const i4* codes,
                                         i8* doubt) {
  if (*doubt) return;
  FOR_EACH(row, rows) {
    if (values[row] >= 0 && !are_equal(text, values[row], spans[codes[row]])) *doubt = 1;
  }
}
