// Device functions that generated CUDA kernels call: exact floating sums, Philox words, trigonometry of huge angles,
// counts, extremes, compaction.
// Header-free; compiled by NVRTC with --fmad=false. Each is the twin of a function in primitives/ (accumulate.py,
// philox.py, elementary.py), which define it: same bits. Types are named as in kernels: letter and bytes.
//
// Sums. A kernel over few groups keeps a table in shared memory, COLUMNS copies of each group (32, one for each lane of
// a warp, where they fit), and empties it into the global cells at its end:
//
//     extern __shared__ u4 table[];                   // dense_words(groups, LIMBS, COLUMNS) of them
//     dense_clear<LIMBS, COLUMNS>(table, groups);  __syncthreads();
//     for each row:  deposit_dense<LIMBS, COLUMNS>(table, low, group, x, cells, outside);
//     __syncthreads();  dense_flush<LIMBS, COLUMNS>(table, groups, cells);
//
// A block must deposit at most 2**20 rows between clear and flush: launch at least rows / 2**20 blocks. Several rows in
// flight (load 4, then deposit 4) matter more than how they are added.
//
// A kernel over many groups deposits straight into the global cells: deposit_global<LIMBS>(cells, low, group, x,
// outside). Where the window does not hold a value, both tell `outside`: a flag, or a spill that keeps the value for the
// host (see `stray`). Global limbs are left unsettled; who reads them normalises first.

typedef signed char i1;
typedef unsigned char u1;
typedef short i2;
typedef unsigned short u2;
typedef int i4;
typedef unsigned int u4;
typedef long long i8;
typedef unsigned long long u8;
typedef float f4;
typedef double f8;

#define BITS 44
#define NOT_A_NUMBER 1
#define PLUS_INFINITY 2
#define MINUS_INFINITY 4
#define SPILL 4096  // values that a spill keeps (launch.py)

__device__ __forceinline__ i8 f8_bits(f8 x) { return __double_as_longlong(x); }
__device__ __forceinline__ f8 bits_f8(i8 x) { return __longlong_as_double(x); }
__device__ __forceinline__ f8 rung(i8 exponent) { return bits_f8(exponent << 52 | 1LL << 51); }

// The integers that x adds to limbs 0 .. LIMBS-2; false if they do not hold all of x. The first stays below 2**43 (the
// CPU's below 2**51), so that 2**20 of them sum within 64 bits. A nan or infinity leaves a nan, which is not 0; a rung
// that is no normal number is a nan, too.
template <int LIMBS>
__device__ __forceinline__ bool steps(f8 x, i8 low, i8* step) {
  f8 left = x;
#pragma unroll
  for (int k = LIMBS - 2; k >= 0; k--) {
    i8 exponent = low + BITS * k + 1;
    f8 here = rung(0 < exponent && exponent < 2047 ? exponent : 2047), onto = left + here;
    step[k] = f8_bits(onto) - f8_bits(here);
    left -= onto - here;
  }
  return left == 0.0 && (u8)(step[LIMBS - 2] + (1LL << 43)) < (u8)(1LL << 44);
}

// -- global cells: rows of [count, specials, limb_0 .. limb_{LIMBS-1}] ------------------------------------------------

// Add to a limb; where its 64 bits wrap, which the old value tells, carry those 2**64 into the next limb. So nothing
// overflows however many rows arrive before the host settles the cells.
__device__ __forceinline__ void add_limb(i8* limb, const i8* last, i8 step) {
  while (step != 0) {
    i8 old = (i8)atomicAdd((u8*)limb, (u8)step), now = (i8)((u8)old + (u8)step);
    bool wrapped = ((old ^ now) & (step ^ now)) < 0;
    step = !wrapped || limb == last ? 0 : step > 0 ? 1LL << (64 - BITS) : -(1LL << (64 - BITS));
    limb++;
  }
}

// A value that the window does not hold: a flag tells of it, a spill keeps it, as (group, bits) behind their number. Of
// a spill that overflows only the number is right.
__device__ __forceinline__ void stray(i4* flag, i8 group, i8 bits) { *flag = 1; }
__device__ __forceinline__ void stray(i8* spill, i8 group, i8 bits) {
  u8 place = atomicAdd((u8*)spill, 1ULL);
  if (place < SPILL) spill[2 * place + 1] = group, spill[2 * place + 2] = bits;
}
struct Spill {
  i8 *list, first;  // groups are counted from `first`
};
__device__ __forceinline__ void stray(Spill* spill, i8 group, i8 bits) { stray(spill->list, spill->first + group, bits); }

// Any value into its global cell, by shifting the significand to its place, unless the window ends short.
template <int LIMBS, typename Outside>
__device__ __noinline__ void deposit_rare(i8* cells, i8 low, i8 group, f8 x, Outside* outside) {
  i8 *cell = cells + group * (LIMBS + 2), bits = f8_bits(x), size = bits & 0x7fffffffffffffffLL, exponent = size >> 52;
  i8 position = (exponent ? exponent - 1 : 0) - low;
  i8 significand = (size & ((1LL << 52) - 1)) | (exponent ? 1LL << 52 : 0);
  if (exponent == 2047) {
    i8 special = size > (2047LL << 52) ? NOT_A_NUMBER : bits < 0 ? MINUS_INFINITY : PLUS_INFINITY;
    atomicOr((u8*)cell + 1, (u8)special);
  } else if (significand != 0) {
    // Bits below the window must be zeros; the rest is a multiple of the window's unit.
    i8 below = position < -52 ? 53 : position < 0 ? -position : 0;
    if ((significand & ((1LL << below) - 1)) != 0 || position >= BITS * (LIMBS - 2)) {
      stray(outside, group, bits);
      return;
    }
    significand >>= below;
    position += below;
    i8 *limb = cell + 2 + position / BITS, *last = cell + LIMBS + 1;
    int shift = (int)(position % BITS);
    significand = bits < 0 ? -significand : significand;
    add_limb(limb, last, (i8)((u8)significand << shift) & ((1LL << BITS) - 1));
    add_limb(limb + 1, last, significand >> (BITS - shift));
  }
  atomicAdd((u8*)cell, 1ULL);
}

template <int LIMBS, typename Outside>
__device__ __forceinline__ void deposit_global(i8* cells, i8 low, i8 group, f8 x, Outside* outside) {
  i8 step[LIMBS - 1], *cell = cells + group * (LIMBS + 2);
  if (!steps<LIMBS>(x, low, step)) {
    deposit_rare<LIMBS>(cells, low, group, x, outside);
    return;
  }
#pragma unroll
  for (int k = 0; k < LIMBS - 1; k++) add_limb(cell + 2 + k, cell + LIMBS + 1, step[k]);
  atomicAdd((u8*)cell, 1ULL);
}

// -- few groups: a table in shared memory ----------------------------------------------------------------------------
//
// [group][count, then low and high half of each limb but the last][column]: halves, because in shared memory the
// hardware adds 32 bits by itself and 64 bits in a loop. Each addition's old value tells the carry, so a pair is an
// exact 64-bit sum in any order. 2**20 steps below 2**43 stay below 2**63.

__device__ __forceinline__ int dense_words(int groups, int limbs, int columns) {
  return groups * (2 * limbs - 1) * columns;
}

template <int LIMBS, int COLUMNS>
__device__ __forceinline__ void dense_clear(u4* table, int groups) {
  for (int i = threadIdx.x; i < dense_words(groups, LIMBS, COLUMNS); i += blockDim.x) table[i] = 0;
}

template <int LIMBS, int COLUMNS, typename Outside>
__device__ __forceinline__ void deposit_dense(u4* table, i8 low, int group, f8 x, i8* cells, Outside* outside) {
  i8 step[LIMBS - 1];
  if (!steps<LIMBS>(x, low, step)) {
    deposit_rare<LIMBS>(cells, low, group, x, outside);
    return;
  }
  u4* row = table + group * (2 * LIMBS - 1) * COLUMNS + threadIdx.x % COLUMNS;
  atomicAdd(row, 1u);
#pragma unroll
  for (int k = 0; k < LIMBS - 1; k++) {
    u4 half = (u4)step[k], old = atomicAdd(row + (2 * k + 1) * COLUMNS, half), carry = old + half < old;
    atomicAdd(row + (2 * k + 2) * COLUMNS, (u4)(step[k] >> 32) + carry);
  }
}

// One thread sums the columns of one limb (or count), in two parts that cannot overflow.
template <int LIMBS, int COLUMNS>
__device__ __forceinline__ void dense_flush(const u4* table, int groups, i8* cells) {
  for (int w = threadIdx.x; w < groups * LIMBS; w += blockDim.x) {
    int group = w / LIMBS, k = w % LIMBS - 1;
    const u4* row = table + group * (2 * LIMBS - 1) * COLUMNS;
    i8 *cell = cells + (i8)group * (LIMBS + 2), below = 0, above = 0;
    for (int c = 0; c < COLUMNS; c++) {
      i8 word = k < 0 ? (i8)row[c] : (i8)((u8)row[(2 * k + 2) * COLUMNS + c] << 32 | row[(2 * k + 1) * COLUMNS + c]);
      below += word & ((1LL << BITS) - 1);
      above += word >> BITS;
    }
    if (k < 0) {
      atomicAdd((u8*)cell, (u8)below);
    } else {
      add_limb(cell + 2 + k, cell + LIMBS + 1, below);
      add_limb(cell + 3 + k, cell + LIMBS + 1, above);
    }
  }
}

// -- segments: accumulators in registers -------------------------------------------------------------------------------
//
// Rows that lie as [outer][length][inner] have a result for each outer and inner index: a segment. A few neighbouring
// threads, `lanes`, add up a piece of one, at most 2**20 rows together, and then each other's sums.

// The threads of a warp that have this one's piece.
__device__ __forceinline__ u4 neighbours(int lanes) {
  return lanes == 32 ? 0xffffffffu : ((1u << lanes) - 1) << (threadIdx.x % 32 / lanes * lanes);
}
template <typename T>
__device__ __forceinline__ T lane_sum(T x, int lanes) {
  for (int step = lanes / 2; step > 0; step /= 2) x = (u8)x + (u8)__shfl_down_sync(neighbours(lanes), x, step, lanes);
  return x;
}

// The steps of `steps`, as sums of bits: what the rungs' own bits add to them is taken off at the end.
template <int LIMBS>
struct Sum {
  i8 low, count = 0;
  u8 limb[LIMBS - 1] = {};
  f8 here[LIMBS - 1], limit;

  __device__ __forceinline__ explicit Sum(i8 low) : low(low) {
#pragma unroll
    for (int k = 0; k < LIMBS - 1; k++) {
      i8 exponent = low + BITS * k + 1;
      here[k] = rung(0 < exponent && exponent < 2047 ? exponent : 2047);
    }
    i8 exponent = low + BITS * (LIMBS - 2) + 1 - 9;  // of 2**43 units of the first rung
    limit = bits_f8(0 < exponent && exponent < 2047 ? exponent << 52 : 0);
  }

  template <typename Outside>
  __device__ __forceinline__ void add(f8 x, i8* cells, Outside* outside) {
    f8 left = x, onto[LIMBS - 1];
#pragma unroll
    for (int k = LIMBS - 2; k >= 0; k--) {
      onto[k] = left + here[k];
      left -= onto[k] - here[k];
    }
    if (!(fabs(x) < limit && left == 0.0)) {
      deposit_rare<LIMBS>(cells, low, 0, x, outside);
      return;
    }
    count++;
#pragma unroll
    for (int k = 0; k < LIMBS - 1; k++) limb[k] += (u8)f8_bits(onto[k]);
  }

  __device__ __forceinline__ void flush(i8* cells, int lanes) {
    i8 all = lane_sum(count, lanes);
    if (threadIdx.x % lanes == 0 && all) atomicAdd((u8*)cells, (u8)all);
#pragma unroll
    for (int k = 0; k < LIMBS - 1; k++) {
      i8 steps = lane_sum((i8)(limb[k] - (u8)count * (u8)f8_bits(here[k])), lanes);
      if (threadIdx.x % lanes == 0) add_limb(cells + 2 + k, cells + LIMBS + 1, steps);
    }
  }
};

template <typename T>
__device__ __forceinline__ void flush_total(T* state, T total, int lanes) {
  total = lane_sum(total, lanes);
  if (threadIdx.x % lanes == 0 && total != 0) atomicAdd((u8*)state, (u8)total);
}

// -- draws: Philox4x64-10 --------------------------------------------------------------------------------------------

// The four words of a block; element i is word i % 4 of block 1 + i / 4.
__device__ __forceinline__ void block_words(u8 key0, u8 key1, u8 block, u8* c) {
  c[0] = block, c[1] = c[2] = c[3] = 0;
#pragma unroll
  for (int r = 0; r < 10; r++) {
    u8 high0 = __umul64hi(0xD2E7470EE14C6C93ULL, c[0]), low0 = 0xD2E7470EE14C6C93ULL * c[0];
    u8 high1 = __umul64hi(0xCA5A826395121157ULL, c[2]), low1 = 0xCA5A826395121157ULL * c[2];
    c[0] = high1 ^ c[1] ^ key0, c[1] = low1, c[2] = high0 ^ c[3] ^ key1, c[3] = low0;
    key0 += 0x9E3779B97F4A7C15ULL, key1 += 0xBB67AE8584CAA73BULL;
  }
}

// The words that a thread drew last: its next row may share their block, or their pair.
struct Words {
  i8 block = -1, pair = -1;
  u8 c[4];
  __device__ __forceinline__ bool upper(u8 key0, u8 key1, i8 index) {
    if (index >> 2 != block) block = index >> 2, block_words(key0, key1, block + 1, c);
    return index & 2;
  }
  __device__ __forceinline__ i8 even_word(u8 key0, u8 key1, i8 index) { return upper(key0, key1, index) ? c[2] : c[0]; }
  __device__ __forceinline__ i8 odd_word(u8 key0, u8 key1, i8 index) { return upper(key0, key1, index) ? c[3] : c[1]; }
  __device__ __forceinline__ i8 word(u8 key0, u8 key1, i8 index) {
    return index & 1 ? odd_word(key0, key1, index) : even_word(key0, key1, index);
  }
  __device__ __forceinline__ bool moves(i8 index) {
    bool other = index >> 1 != pair;
    pair = index >> 1;
    return other;
  }
};

// -- index maps: sums of stride * digit of the row's number, the last axis first ---------------------------------------

// Exact for 0 <= row < 2**62; index_map.py makes the magic numbers.
__device__ __forceinline__ i8 divide(i8 row, u8 magic, i4 shift) { return (i8)(__umul64hi((u8)row << 2, magic) >> shift); }
__device__ __forceinline__ i8 index_map(i8 row, i8 base, i8 stride) { return base + row * stride; }
template <typename... Outer>
__device__ __forceinline__ i8 index_map(i8 row, i8 base, i8 stride, i8 size, u8 magic, i4 shift, Outer... outer) {
  i8 quotient = divide(row, magic, shift);
  return index_map(quotient, base + (row - quotient * size) * stride, outer...);
}

// Of rows that follow each other: one division, if no run of the last axis is shorter than they are.
template <int ROWS>
__device__ __forceinline__ void index_rows(i8 row, i8* index, i8 base, i8 stride) {
#pragma unroll
  for (int r = 0; r < ROWS; r++) index[r] = base + (row + r) * stride;
}
template <int ROWS, typename... Outer>
__device__ __forceinline__ void index_rows(i8 row, i8* index, i8 base, i8 stride, i8 size, u8 magic, i4 shift, Outer... outer) {
  if (size < ROWS) {
    for (int r = 0; r < ROWS; r++) index[r] = index_map(row + r, base, stride, size, magic, shift, outer...);
    return;
  }
  i8 quotient = divide(row, magic, shift), digit = row - quotient * size;
  i8 here = index_map(quotient, base, outer...) + digit * stride;
  i8 next = index_map(quotient + 1, base, outer...) + (digit - size) * stride;
#pragma unroll
  for (int r = 0; r < ROWS; r++) index[r] = (digit + r < size ? here : next) + r * stride;
}

// -- sin, cos, tan beyond LARGE_ANGLE: what kernels print for `rarely` -----------------------------------------------

// 2/pi after the binary point, 24 bits a word, behind two words of zeros; polynomials, highest power first.
__device__ const i4 TWO_OVER_PI_WORDS[54] = {
    0x000000, 0x000000, 0xA2F983, 0x6E4E44, 0x1529FC, 0x2757D1, 0xF534DD, 0xC0DB62, 0x95993C, 0x439041,
    0xFE5163, 0xABDEBB, 0xC561B7, 0x246E3A, 0x424DD2, 0xE00649, 0x2EEA09, 0xD1921C, 0xFE1DEB, 0x1CB129,
    0xA73EE8, 0x8235F5, 0x2EBB44, 0x84E99C, 0x7026B4, 0x5F7E41, 0x3991D6, 0x398353, 0x39F49C, 0x845F8B,
    0xBDF928, 0x3B1FF8, 0x97FFDE, 0x05980F, 0xEF2F11, 0x8B5A0A, 0x6D1F6D, 0x367ECF, 0x27CB09, 0xB74F46,
    0x3F669E, 0x5FEA2D, 0x7527BA, 0xC7EBE5, 0xF17B3D, 0x0739F7, 0x8A5292, 0xEA6BFB, 0x5FB11F, 0x8D5D08,
    0x560330, 0x46FC7B, 0x6BABF0, 0xCFBC20,
};
__device__ const f8 SIN[6] = {
    1.5917962396597501e-10, -2.505112927008843e-08, 2.7557316088646106e-06, -0.00019841269836727912,
    0.008333333333330925, -0.16666666666666666,
};
__device__ const f8 COS[6] = {
    -1.1382564724428532e-11, 2.0876145223977566e-09, -2.7557317266089544e-07, 2.4801587298753255e-05,
    -0.0013888888888887387, 0.041666666666666664,
};

__device__ __forceinline__ f8 polynomial(const f8* coefficients, f8 x) {
  f8 total = coefficients[0];
  for (int k = 1; k < 6; k++) total = total * x + coefficients[k];
  return total;
}

__device__ __forceinline__ f8 reduced_sine(f8 angle, f8 low) {
  f8 square = angle * angle, cube = square * angle;
  return angle + (cube * polynomial(SIN, square) + (low - 0.5 * square * low));
}

__device__ __forceinline__ f8 reduced_cosine(f8 angle, f8 low) {
  f8 square = angle * angle, half = 0.5 * square, near = 1.0 - half;
  return near + (((1.0 - near) - half) + (square * square * polynomial(COS, square) - angle * low));
}

__device__ __forceinline__ f8 two_sum(f8 a, f8 b, f8* error) {
  f8 total = a + b, part = total - a;
  *error = (a - (total - part)) + (b - part);
  return total;
}

// --fmad=false or not, an explicit fused multiply-add gives the product's error exactly, as Dekker's way does.
__device__ __forceinline__ f8 two_product(f8 a, f8 b, f8* error) {
  f8 product = a * b;
  *error = __fma_rn(a, b, -product);
  return product;
}

__device__ __forceinline__ i8 window_of_two_over_pi(i8 word, i8 shift) {
  return (((i8)TWO_OVER_PI_WORDS[word] << 24 | TWO_OVER_PI_WORDS[word + 1]) >> (24 - shift)) & 0xFFFFFF;
}

// The quadrant; angle and low are what is left of x.
__device__ __noinline__ i8 large_angle(f8 x, f8* angle, f8* low) {
  i8 bits = f8_bits(x), biased = bits >> 52 & 2047;
  *low = 0.0;
  if (biased == 2047) {
    *angle = bits_f8(0x7ff8LL << 48);
    return 0;
  }
  i8 significand = (bits & ((1LL << 52) - 1)) | 1LL << 52, at = biased - 1075 + 46, word = at / 24, shift = at % 24;
  i8 parts[3] = {0, 0, 0}, carry = 0;
  for (int k = 7; k >= 0; k--) {
    carry += (significand & 0xFFFFFF) * window_of_two_over_pi(word + k, shift);
    carry += (significand >> 24 & 0xFFFFFF) * window_of_two_over_pi(word + k + 1, shift);
    carry += (significand >> 48) * window_of_two_over_pi(word + k + 2, shift);
    if (k < 6) parts[k / 2] |= (carry & 0xFFFFFF) << 24 * (1 - k % 2);
    carry >>= 24;
  }
  i8 quadrant = parts[0] >> 46, fraction = parts[0] & ((1LL << 46) - 1);
  if (fraction >> 45) quadrant++, fraction -= 1LL << 46;
  f8 less, more, lost;
  f8 high = two_sum((f8)fraction * bits_f8((1023LL - 46) << 52), (f8)parts[1] * bits_f8((1023LL - 94) << 52), &less);
  high = two_sum(high, (f8)parts[2] * bits_f8((1023LL - 142) << 52), &more);
  less += more;
  f8 product = two_product(high, 1.5707963267948966, &lost);
  lost += high * 6.123233995736766e-17 + less * 1.5707963267948966;
  f8 total = product + lost, rest = (product - total) + lost;
  *angle = bits < 0 ? -total : total, *low = bits < 0 ? -rest : rest;
  return bits < 0 ? -quadrant & 3 : quadrant;
}

__device__ __forceinline__ f8 sin_of_large(f8 x) {
  f8 angle, low;
  i8 n = large_angle(x, &angle, &low);
  f8 result = n & 1 ? reduced_cosine(angle, low) : reduced_sine(angle, low);
  return n & 2 ? -result : result;
}

__device__ __forceinline__ f8 cos_of_large(f8 x) {
  f8 angle, low;
  i8 n = large_angle(x, &angle, &low);
  f8 result = n & 1 ? reduced_sine(angle, low) : reduced_cosine(angle, low);
  return (n + 1) & 2 ? -result : result;
}

__device__ __forceinline__ f8 tan_of_large(f8 x) {
  f8 angle, low;
  i8 n = large_angle(x, &angle, &low);
  f8 sine = reduced_sine(angle, low), cosine = reduced_cosine(angle, low);
  return n & 1 ? -cosine / sine : sine / cosine;
}

// -- operations that C++ has otherwise ---------------------------------------------------------------------------------

// Integer division and remainder rounded to minus infinity, and shifts, for all integers (kernel/ops.py). By 0 and -1,
// which no machine divides the least integer by, the quotient is the product and the remainder 0.
template <typename T>
__device__ __forceinline__ bool is_trivial(T b) { return b == 0 || ((T)-1 < (T)0 && b == (T)-1); }
// The compiler for an H200 leaves out the cast of a difference of i2, so that -a is 32768 where a is the least (-a == a
// false, -a / a -1): here the bits that are left are taken out before it can.
__device__ __forceinline__ i2 minus(i2 a, i2 b) {
#ifdef __CUDACC_RTC__
  i4 rest, first = a, second = b;
  asm("{ .reg .u32 difference; sub.u32 difference, %1, %2; bfe.s32 %0, difference, 0, 16; }"
      : "=r"(rest) : "r"(first), "r"(second));
  return (i2)rest;
#else
  return (i2)((u4)a - (u4)b);
#endif
}
template <typename T>
__device__ __forceinline__ T floor_div(T a, T b) {
  if (is_trivial(b)) return (T)((u8)a * (u8)b);
  T quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}
template <typename T>
__device__ __forceinline__ T floor_mod(T a, T b) {
  if (is_trivial(b)) return 0;
  T rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
template <typename T>
__device__ __forceinline__ T shift_left(T a, T distance) {
  return (u8)distance < 64 ? (T)((u8)a << distance) : 0;
}
template <typename T>
__device__ __forceinline__ T shift_right(T a, T distance) {
  constexpr i4 last = 8 * sizeof(T) - 1;
  return (u8)distance <= last ? a >> distance : a >> last >> 1;
}
// Of floats, NumPy's: the remainder has the divisor's sign, and the quotient goes with it.
template <typename T>
__device__ __forceinline__ T float_mod(T a, T b) {
  T rest = fmod(a, b);
  if (b == 0) return rest;
  if (rest == 0) return copysign(rest, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}
template <typename T>
__device__ __forceinline__ T float_div(T a, T b) {
  if (b == 0) return a / b;
  T rest = fmod(a, b), quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return copysign((T)0, a / b);
  T whole = floor(quotient);
  return quotient - whole > (T)0.5 ? whole + 1 : whole;
}
template <> __device__ __forceinline__ f8 floor_mod(f8 a, f8 b) { return float_mod(a, b); }
template <> __device__ __forceinline__ f4 floor_mod(f4 a, f4 b) { return float_mod(a, b); }
template <> __device__ __forceinline__ f8 floor_div(f8 a, f8 b) { return float_div(a, b); }
template <> __device__ __forceinline__ f4 floor_div(f4 a, f4 b) { return float_div(a, b); }
template <typename T>
__device__ __forceinline__ T absolute(T x) { return x < 0 ? (T)(0 - (u8)x) : x; }
template <>
__device__ __forceinline__ i2 absolute(i2 x) { return x < 0 ? minus(0, x) : x; }
template <>
__device__ __forceinline__ f8 absolute(f8 x) { return fabs(x); }
template <>
__device__ __forceinline__ f4 absolute(f4 x) { return fabsf(x); }

// -- what a block has to do ------------------------------------------------------------------------------------------

// The rows of a block: every so many of all rows; or, of rows arranged in parts of as many groups as fit in shared
// memory, those that `work` gives it: (the first group of its part, or the part's number; first row; end).
struct Share {
  i8 part, first, end, step;
};
__device__ __forceinline__ Share share_of(const i8* work, i8 n, i8 rows) {
  if (work == 0) return {0, blockIdx.x * rows, n, gridDim.x * rows};
  work += 3 * blockIdx.x;
  return {work[0], work[1], work[2], rows};
}

// -- other accumulators ------------------------------------------------------------------------------------------------

// Counts in shared memory: [group][column].
template <int COLUMNS>
__device__ __forceinline__ void count_clear(u4* table, int groups) {
  for (int i = threadIdx.x; i < groups * COLUMNS; i += blockDim.x) table[i] = 0;
}
template <int COLUMNS>
__device__ __forceinline__ void count_flush(const u4* table, int groups, i8* counts) {
  for (int group = threadIdx.x; group < groups; group += blockDim.x) {
    u8 total = 0;
    for (int c = 0; c < COLUMNS; c++) total += table[group * COLUMNS + c];
    if (total) atomicAdd((u8*)counts + group, total);
  }
}

// Extremes in global memory: integers by the hardware, floats by comparing and swapping their bits. Floats are compared as
// integers of the same order: -0.0 is less than 0.0, whichever comes first. A value that does not beat what is there
// already writes nothing.
__device__ __forceinline__ i8 order(f8 x) { return f8_bits(x) ^ (f8_bits(x) >> 63 & 0x7fffffffffffffffLL); }
__device__ __forceinline__ i4 order(f4 x) { return (i4)__float_as_uint(x) ^ ((i4)__float_as_uint(x) >> 31 & 0x7fffffff); }
template <typename T>
__device__ __forceinline__ bool precedes(T a, T b) { return a < b; }
template <>
__device__ __forceinline__ bool precedes(f8 a, f8 b) { return order(a) < order(b); }
template <>
__device__ __forceinline__ bool precedes(f4 a, f4 b) { return order(a) < order(b); }
template <typename T>
__device__ __forceinline__ void fold_min(T* state, T x) { if (x < *(volatile T*)state) atomicMin(state, x); }
template <typename T>
__device__ __forceinline__ void fold_max(T* state, T x) { if (x > *(volatile T*)state) atomicMax(state, x); }
__device__ __forceinline__ void swap_in(f8* state, f8 old, f8 x, f8* seen) {
  *seen = bits_f8((i8)atomicCAS((u8*)state, (u8)f8_bits(old), (u8)f8_bits(x)));
}
__device__ __forceinline__ void swap_in(f4* state, f4 old, f4 x, f4* seen) {
  *seen = __uint_as_float(atomicCAS((u4*)state, __float_as_uint(old), __float_as_uint(x)));
}
template <typename T>
__device__ __forceinline__ void fold_float(T* state, T x, bool smaller) {
  T old = *(volatile T*)state, seen;
  while (smaller ? precedes(x, old) : precedes(old, x)) {
    swap_in(state, old, x, &seen);
    if (order(seen) == order(old)) break;
    old = seen;
  }
}
template <>
__device__ __forceinline__ void fold_min(f8* state, f8 x) { fold_float(state, x, true); }
template <>
__device__ __forceinline__ void fold_max(f8* state, f8 x) { fold_float(state, x, false); }
template <>
__device__ __forceinline__ void fold_min(f4* state, f4 x) { fold_float(state, x, true); }
template <>
__device__ __forceinline__ void fold_max(f4* state, f4 x) { fold_float(state, x, false); }

// The same of segments: the best of neighbouring threads first.
template <typename T>
__device__ __forceinline__ void flush_min(T* state, T best, int lanes) {
  for (int step = lanes / 2; step > 0; step /= 2) {
    T other = __shfl_down_sync(neighbours(lanes), best, step, lanes);
    if (precedes(other, best)) best = other;
  }
  if (threadIdx.x % lanes == 0) fold_min(state, best);
}
template <typename T>
__device__ __forceinline__ void flush_max(T* state, T best, int lanes) {
  for (int step = lanes / 2; step > 0; step /= 2) {
    T other = __shfl_down_sync(neighbours(lanes), best, step, lanes);
    if (precedes(best, other)) best = other;
  }
  if (threadIdx.x % lanes == 0) fold_max(state, best);
}

// Where the rows of a block that pass go, in row order, from *base on, which moves behind them. All threads call it.
__device__ __forceinline__ i8 block_position(bool pass, i8* base) {
  __shared__ int counts[32];
  int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = (blockDim.x + 31) >> 5, before = 0, total = 0;
  unsigned votes = __ballot_sync(0xffffffffu, pass);
  if (lane == 0) counts[warp] = __popc(votes);
  __syncthreads();
  for (int w = 0; w < warps; w++) {
    before += w < warp ? counts[w] : 0;
    total += counts[w];
  }
  __syncthreads();
  i8 position = *base + before + __popc(votes & ((1u << lane) - 1));
  *base += total;
  return position;
}
