// Kernels of group-by that are the same for every program: keys into a hash table, exact sums out of their cells.
// They stand behind prelude.cu. Rounding is the twin of `round_cells` and its like in primitives/accumulate.py, which
// define it: same bits.

// -- numbering keys ----------------------------------------------------------------------------------------------------
//
// A table of 2**bits keys, probed one slot after the other; `empty` is a value that no key has. Each row learns the slot
// of its key. `full` is set, and everything ends early, where a key finds no slot within PROBES.

#define PROBES 256

__device__ __forceinline__ u8 scattered(u8 x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ x >> 27) * 0x94D049BB133111EBULL;
  return x ^ x >> 31;
}

__device__ __forceinline__ i8 slot_of(i8 key, i8* table, i4 bits, i8 empty) {
  u8 mask = (1ULL << bits) - 1, slot = scattered((u8)key) & mask;
  for (int probe = 0; probe < PROBES; probe++, slot = (slot + 1) & mask) {
    i8 there = *(volatile i8*)(table + slot);
    if (there == empty) there = (i8)atomicCAS((u8*)table + slot, (u8)empty, (u8)key);
    if (there == key || there == empty) return (i8)slot;
  }
  return -1;
}

extern "C" __global__ void enter(const i8* keys, i8 n, i8* table, i4 bits, i8 empty, i4* slots, i4* full) {
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n && !*(volatile i4*)full; i += (i8)gridDim.x * blockDim.x) {
    i8 slot = slot_of(keys[i], table, bits, empty);
    if (slot < 0) *full = 1;
    slots[i] = (i4)slot;
  }
}

// The least and the largest key, into range[0] and range[1].
extern "C" __global__ void span(const i8* keys, i8 n, i8* range) {
  i8 low = 0x7fffffffffffffffLL, high = -low - 1;
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i8)gridDim.x * blockDim.x) {
    i8 key = keys[i];
    low = key < low ? key : low, high = key > high ? key : high;
  }
  for (int lanes = 16; lanes; lanes >>= 1) {
    i8 other = __shfl_down_sync(0xffffffffu, low, lanes), another = __shfl_down_sync(0xffffffffu, high, lanes);
    low = other < low ? other : low, high = another > high ? another : high;
  }
  if (threadIdx.x % 32 == 0) atomicMin(range, low), atomicMax(range + 1, high);
}

// -- arranging rows ----------------------------------------------------------------------------------------------------
//
// Rows whose groups lie close come together, so that the cells that a device works on at a time stay in its cache: by
// bucket, which is the group shifted right. In which order, does not matter: sums are exact.

#define BUCKETS 512
#define TILE 16  // rows of a thread at a time

extern "C" __global__ void count_buckets(const i8* groups, i8 n, i8 origin, i4 shift, i8* counts) {
  __shared__ u4 mine[BUCKETS];
  for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x) mine[b] = 0;
  __syncthreads();
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i8)gridDim.x * blockDim.x)
    atomicAdd(mine + ((groups[i] - origin) >> shift), 1u);
  __syncthreads();
  for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x)
    if (mine[b]) atomicAdd((u8*)counts + b, (u8)mine[b]);
}

// places[i] = where row i goes; starts[b], where bucket b starts, moves on to its end.
extern "C" __global__ void arrange(const i8* groups, i8 n, i8 origin, i4 shift, i8* starts, u4* places, i8* arranged) {
  __shared__ u4 counts[BUCKETS];
  __shared__ i8 bases[BUCKETS];
  i8 tile = (i8)blockDim.x * TILE;
  for (i8 start = blockIdx.x * tile; start < n; start += gridDim.x * tile) {
    for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x) counts[b] = 0;
    __syncthreads();
    i8 group[TILE];
    u4 rank[TILE];
#pragma unroll
    for (int r = 0; r < TILE; r++) {
      i8 i = start + r * blockDim.x + threadIdx.x;
      group[r] = i < n ? groups[i] : origin;
    }
#pragma unroll
    for (int r = 0; r < TILE; r++)
      if (start + r * blockDim.x + threadIdx.x < n) rank[r] = atomicAdd(counts + ((group[r] - origin) >> shift), 1u);
    __syncthreads();
    for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x)
      if (counts[b]) bases[b] = (i8)atomicAdd((u8*)starts + b, (u8)counts[b]);
    __syncthreads();
#pragma unroll
    for (int r = 0; r < TILE; r++) {
      i8 i = start + r * blockDim.x + threadIdx.x;
      if (i < n) {
        i8 place = bases[(group[r] - origin) >> shift] + rank[r];
        places[i] = (u4)place, arranged[place] = group[r];
      }
    }
    __syncthreads();
  }
}

// moved[places[i]] = column[i], of values of so many bytes.
template <typename T>
__device__ __forceinline__ void move(const T* column, i8 n, const u4* places, T* moved) {
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i8)gridDim.x * blockDim.x)
    moved[places[i]] = column[i];
}
extern "C" __global__ void move_1(const u1* x, i8 n, const u4* places, u1* moved) { move(x, n, places, moved); }
extern "C" __global__ void move_2(const u2* x, i8 n, const u4* places, u2* moved) { move(x, n, places, moved); }
extern "C" __global__ void move_4(const u4* x, i8 n, const u4* places, u4* moved) { move(x, n, places, moved); }
extern "C" __global__ void move_8(const u8* x, i8 n, const u4* places, u8* moved) { move(x, n, places, moved); }

// -- sums out of cells -------------------------------------------------------------------------------------------------

// Every limb but the last into [0, 2**44). Limbs may be anything that 64 bits hold: all carry at once first.
__device__ __forceinline__ void settle(i8* limb, int limbs) {
  i8 carry = 0;
  for (int k = 0; k < limbs; k++) {
    i8 above = k < limbs - 1 ? limb[k] >> BITS : 0;
    limb[k] = (k < limbs - 1 ? limb[k] & ((1LL << BITS) - 1) : limb[k]) + carry;
    carry = above;
  }
  for (int k = 0; k < limbs - 1; k++) {
    limb[k + 1] += limb[k] >> BITS;
    limb[k] &= (1LL << BITS) - 1;
  }
}

__device__ __forceinline__ void negate(i8* limb, int limbs) {
  for (int k = 0; k < limbs; k++) limb[k] = -limb[k];
  settle(limb, limbs);
}

// The leading 62 bits of a sum, whether any bit is set below them, the exponent of the first bit, the sign.
struct Head {
  i8 bits, exponent;
  bool rest, negative;
};

__device__ __forceinline__ Head head_of(i8* limb, int limbs, i8 low) {
  Head head = {0, 0, false, false};
  settle(limb, limbs);
  head.negative = limb[limbs - 1] < 0;
  if (head.negative) negate(limb, limbs);
  int k = limbs - 1;
  while (k >= 0 && limb[k] == 0) k--;
  if (k < 0) return head;
  int width = 64 - __clzll(limb[k]), room = 62;
  head.exponent = low + (i8)BITS * k + width - 1 - 1074;
  for (; k >= 0; k--, width = BITS) {
    int taken = width < room ? width : room, over = width - taken;
    head.bits = head.bits << taken | limb[k] >> over;
    head.rest |= (limb[k] & ((1LL << over) - 1)) != 0;
    room -= taken;
  }
  head.bits <<= room;
  if (head.negative) negate(limb, limbs);
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

// out[g] = the sum in cell g as f8 (how 0) or f4 (1), or the f8 sum over the count (2). Leaves cells settled.
extern "C" __global__ void read_cells(i8* cells, i8 groups, i8 low, i4 limbs, i4 how, f8* out) {
  for (i8 g = (i8)blockIdx.x * blockDim.x + threadIdx.x; g < groups; g += (i8)gridDim.x * blockDim.x) {
    i8* cell = cells + g * (limbs + 2);
    f8 sum;
    if (cell[1]) {
      sum = special(cell[1]);
    } else {
      Head head = head_of(cell + 2, limbs, low);
      sum = how == 1 ? rounded_f4(head) : rounded_f8(head);
    }
    out[g] = how != 2 ? sum : cell[0] ? sum / (f8)cell[0] : bits_f8(0x7ff8LL << 48);
  }
}
