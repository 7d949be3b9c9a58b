// Device functions that generated CUDA kernels call: exact floating sums. Header-free; compiled by NVRTC with
// --fmad=false. The sums are those of primitives/accumulate.py, which defines cell, window, limb and rung: same cells,
// same bits. Types are named as in kernels: letter and bytes.
//
// A kernel over few groups keeps a table in shared memory, COLUMNS copies of each group (32, one for each lane of a
// warp, where they fit), and empties it into the global cells at its end:
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
// outside). Both set *outside = 1 where the window does not hold a value: the host then widens it and runs again.
// Global limbs are left unsettled; the host normalises them.

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

// Any value into its global cell, by shifting the significand to its place; *outside = 1 where the window ends short.
template <int LIMBS>
__device__ __noinline__ void deposit_rare(i8* cells, i8 low, i8 group, f8 x, i4* outside) {
  i8 *cell = cells + group * (LIMBS + 2), bits = f8_bits(x), size = bits & 0x7fffffffffffffffLL, exponent = size >> 52;
  i8 position = (exponent ? exponent - 1 : 0) - low, significand = (size & ((1LL << 52) - 1)) | (exponent ? 1LL << 52 : 0);
  if (exponent == 2047) {
    i8 special = size > (2047LL << 52) ? NOT_A_NUMBER : bits < 0 ? MINUS_INFINITY : PLUS_INFINITY;
    atomicOr((u8*)cell + 1, (u8)special);
  } else if (significand != 0) {
    if (position < 0 || position >= BITS * (LIMBS - 2)) {
      *outside = 1;
      return;
    }
    i8 *limb = cell + 2 + position / BITS, *last = cell + LIMBS + 1;
    int shift = (int)(position % BITS);
    significand = bits < 0 ? -significand : significand;
    add_limb(limb, last, (significand << shift) & ((1LL << BITS) - 1));
    add_limb(limb + 1, last, significand >> (BITS - shift));
  }
  atomicAdd((u8*)cell, 1ULL);
}

template <int LIMBS>
__device__ __forceinline__ void deposit_global(i8* cells, i8 low, i8 group, f8 x, i4* outside) {
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
// [group][count, then low and high half of each limb but the last][column]: halves, because the hardware adds 32 bits in
// shared memory by itself and 64 bits in a loop. Each addition's old value tells the carry, so that a pair is an exact
// 64-bit sum in any order. 2**20 steps below 2**43 stay below 2**63.

__device__ __forceinline__ int dense_words(int groups, int limbs, int columns) {
  return groups * (2 * limbs - 1) * columns;
}

template <int LIMBS, int COLUMNS>
__device__ __forceinline__ void dense_clear(u4* table, int groups) {
  for (int i = threadIdx.x; i < dense_words(groups, LIMBS, COLUMNS); i += blockDim.x) table[i] = 0;
}

template <int LIMBS, int COLUMNS>
__device__ __forceinline__ void deposit_dense(u4* table, i8 low, int group, f8 x, i8* cells, i4* outside) {
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
