// Exact sums, rounded: out of cells, and of the few values that one thread has met. Stands behind prelude.cu. The twin of
// `round_cells` and its like in primitives/accumulate.py, which define it: same bits.

// -- sums out of cells -------------------------------------------------------------------------------------------------

// Every limb but the last into [0, 2**44). Limbs may be anything that 64 bits hold: all carry at once first.
// More limbs than a few would not be in registers: their loops stay loops.
template <int LIMBS>
__device__ __forceinline__ void settle(i8* limb) {
  i8 carry = 0;
#pragma unroll(LIMBS <= 8 ? LIMBS : 1)
  for (int k = 0; k < LIMBS - 1; k++) {
    i8 above = limb[k] >> BITS;
    limb[k] = (limb[k] & ((1LL << BITS) - 1)) + carry;
    carry = above;
  }
  limb[LIMBS - 1] += carry;
#pragma unroll(LIMBS <= 8 ? LIMBS : 1)
  for (int k = 0; k < LIMBS - 1; k++) {
    limb[k + 1] += limb[k] >> BITS;
    limb[k] &= (1LL << BITS) - 1;
  }
}

// The leading 62 bits of a sum, whether any bit is set below them, the exponent of the first bit, the sign.
struct Head {
  i8 bits, exponent;
  bool rest, negative;
};

template <int LIMBS>
__device__ __forceinline__ Head head_of(i8* limb, i8 low) {
  Head head = {0, 0, false, false};
  settle<LIMBS>(limb);
  head.negative = limb[LIMBS - 1] < 0;
  if (head.negative) {
#pragma unroll(LIMBS <= 8 ? LIMBS : 1)
    for (int k = 0; k < LIMBS; k++) limb[k] = -limb[k];
    settle<LIMBS>(limb);
  }
  int room = 62;
#pragma unroll(LIMBS <= 8 ? LIMBS : 1)
  for (int k = LIMBS - 1; k >= 0; k--) {
    bool first = room == 62;
    int width = first ? 64 - __clzll(limb[k]) : BITS;
    int taken = width < room ? width : room, over = width - taken;
    if (first) head.exponent = low + (i8)BITS * k + width - 1 - 1074;
    head.bits = head.bits << taken | limb[k] >> over;
    head.rest |= (limb[k] & ((1LL << over) - 1)) != 0;
    room -= taken;
  }
  head.bits <<= room & 63;
  return head;
}

// The first `kept` of the 62 bits, rounded to nearest, ties to even.
__device__ __forceinline__ i8 nearest(const Head& head, int kept) {
  int dropped = 62 - kept;
  i8 whole = head.bits >> dropped, below = head.bits & ((1LL << dropped) - 1), half = 1LL << (dropped - 1);
  return whole + (below > half || (below == half && (head.rest || (whole & 1))));
}

__device__ __forceinline__ f8 special(i8 specials) {
  i8 infinity = 0x7ff0LL << 48;
  if (specials == PLUS_INFINITY) return bits_f8(infinity);
  return specials == MINUS_INFINITY ? -bits_f8(infinity) : bits_f8(0x7ff8LL << 48);
}

__device__ __forceinline__ f8 rounded_f8(const Head& head) {
  if (head.bits == 0) return 0.0;
  int lost = head.exponent < -1022 ? (int)(-1022 - head.exponent) : 0;
  i8 place = head.exponent + 1022 > 0 ? head.exponent + 1022 : 0;
  i8 bits = head.exponent > 1023 ? 0x7ff0LL << 48 : (place << 52) + nearest(head, 53 - lost);
  return head.negative ? -bits_f8(bits) : bits_f8(bits);
}

__device__ __forceinline__ f8 rounded_f4(const Head& head) {
  int kept = 24 - (head.exponent < -126 ? (int)(-126 - head.exponent > 25 ? 25 : -126 - head.exponent) : 0);
  if (head.bits == 0 || kept < 0) return 0.0;
  f8 rounded = bits_f8(0x7ff0LL << 48);
  if (head.exponent <= 127) rounded = (f8)nearest(head, kept) * bits_f8((head.exponent - kept + 1 + 1023) << 52);
  if (rounded >= 340282366920938463463374607431768211456.0) rounded = bits_f8(0x7ff0LL << 48);
  return head.negative ? -rounded : rounded;
}

// -- sums of a few values ------------------------------------------------------------------------------------------------
//
// A thread adds up to FEW values (launch.py) of its own. Their sum is high + low + rest, exactly: each addition's error
// goes to the next word, and a value whose errors none of them takes is told by the last one's error, which is not 0. So
// does what is not finite, and partial sums beyond float64. Where that happened, the thread adds all values again, in a
// cell that holds every float64.

#define WIDEST 49  // limbs

// The sum of two numbers, rounded to odd: inexact sums end in a bit that is set, so that rounding once more gives what
// rounding once would (Boldo and Melquiond 2008).
__device__ __forceinline__ f8 odd_sum(f8 a, f8 b) {
  f8 error, total = two_sum(a, b, &error);
  i8 bits = f8_bits(total);
  return error != 0.0 && !(bits & 1) ? bits_f8((error > 0.0) == (total > 0.0) ? bits + 1 : bits - 1) : total;
}

// Not NVIDIA's own nan, as a conversion would leave it, but NumPy's.
template <typename T> __device__ __forceinline__ T not_a_number();
template <> __device__ __forceinline__ f8 not_a_number() { return bits_f8(0x7ff8LL << 48); }
template <> __device__ __forceinline__ f4 not_a_number() { return __uint_as_float(0x7fc00000u); }
template <typename T>
__device__ __forceinline__ bool is_finite(T x) { return x - x == 0; }

struct Wide {
  i8 limb[WIDEST];
  __device__ __noinline__ void clear() {
#pragma unroll 1
    for (int k = 0; k < WIDEST; k++) limb[k] = 0;
  }
  __device__ __noinline__ void add(f8 x) {
    i8 bits = f8_bits(x), exponent = bits >> 52 & 2047, position = exponent ? exponent - 1 : 0;
    i8 significand = (bits & ((1LL << 52) - 1)) | (exponent ? 1LL << 52 : 0);
    int shift = (int)(position % BITS);
    significand = bits < 0 ? -significand : significand;
    limb[position / BITS] += (significand << shift) & ((1LL << BITS) - 1);
    limb[position / BITS + 1] += significand >> (BITS - shift);
  }
  __device__ __noinline__ f8 rounded(bool narrow) {
    Head head = head_of<WIDEST>(limb, 0);
    return narrow ? rounded_f4(head) : rounded_f8(head);
  }
};

template <typename T>  // of the answer: f8, or f4
struct Few {
  f8 high = 0, low = 0, rest = 0, special = 0;
  bool lost = false, again = false;
  T answer;

  __device__ __forceinline__ void add(f8 x, Wide* wide) {
    if (again) return wide->add(x);
    f8 error;
    high = two_sum(high, x, &error);
    low = two_sum(low, error, &error);
    if (error != 0.0) {  // or a nan, where a value or a sum is not finite
      rest = two_sum(rest, error, &error);
      lost |= error != 0.0;
      if (!is_finite(x)) special += x;
    }
  }

  // Whether the sum is known: if not, all values have to be added again.
  __device__ __forceinline__ bool is_known(Wide* wide) {
    if (again) {
      answer = (T)wide->rounded(sizeof(T) == 4);
    } else if (special != 0.0) {
      answer = special == special ? (T)special : not_a_number<T>();
    } else {
      f8 total = lost ? not_a_number<f8>() : rounded();
      again = !is_finite(total);
      if (again) wide->clear();
      answer = (T)total;
      return !again;
    }
    return true;
  }

  // high + low + rest; to odd, where it is rounded to f4 then (of three: Boldo and Melquiond 2008).
  __device__ __forceinline__ f8 rounded() const {
    f8 first = high, second = low;
    if (rest != 0.0) {
      f8 third, between, sum = two_sum(low, rest, &third);
      first = two_sum(high, sum, &between), second = odd_sum(between, third);
    }
    return sizeof(T) == 4 ? odd_sum(first, second) : first + second;
  }
};
