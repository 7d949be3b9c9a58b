// Kernels of group-by that are the same for every program: keys into a hash table, exact sums out of their cells.
// They stand behind prelude.cu and rounding.cu.

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
// Rows whose groups lie close come together: by bucket, which is the group shifted right. In which order, does not
// matter: sums are exact. A block takes a tile of rows at a time, orders it by bucket in shared memory, and writes it as
// runs: slots[i] is where row i stands in its tile then, places[first row of the tile + slot] where that slot goes.
// What was brought together in parts (`work`: see share_of) is brought together again within each, by 2**fan buckets.

__device__ __forceinline__ u8 first_code(const Share& share, i8 origin, i4 bits) {
  return (u8)origin + (share.part ? (u8)share.part << bits : 0);
}
__device__ __forceinline__ i4 bucket_of(i8 group, u8 from, i4 shift) { return (i4)(((u8)group - from) >> shift); }

#define BUCKETS 512
#define LANES 32
#define EACH 16  // rows of a thread in a tile
#define TILE (EACH * 256)

extern "C" __global__ void count_buckets(
    const i8* groups, i8 n, const i8* work, i8 origin, i4 shift, i4 fan, i8* counts) {
  __shared__ u4 mine[BUCKETS];
  Share share = share_of(work, n, blockDim.x);
  u8 from = first_code(share, origin, shift + fan);
  counts += share.part << fan;
  for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x) mine[b] = 0;
  __syncthreads();
  for (i8 i = share.first + threadIdx.x; i < share.end; i += share.step)
    atomicAdd(mine + bucket_of(groups[i], from, shift), 1u);
  __syncthreads();
  for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x)
    if (mine[b]) atomicAdd((u8*)counts + b, (u8)mine[b]);
}

// What stands before each bucket.
__device__ __forceinline__ void sum_before(const u4* counts, u4* before) {
  __shared__ u4 totals[LANES];
  const int many = BUCKETS / LANES;
  for (int lane = threadIdx.x; lane < LANES; lane += blockDim.x) {
    u4 total = 0;
    for (int k = 0; k < many; k++) total += counts[lane * many + k];
    totals[lane] = total;
  }
  __syncthreads();
  for (int lane = threadIdx.x; lane < LANES; lane += blockDim.x) {
    u4 total = 0;
    for (int k = 0; k < lane; k++) total += totals[k];
    for (int k = lane * many; k < (lane + 1) * many; k++) before[k] = total, total += counts[k];
  }
  __syncthreads();
}

// starts[b], where bucket b starts, moves on to its end.
extern "C" __global__ void arrange(
    const i8* groups, i8 n, const i8* work, i8 origin, i4 shift, i4 fan, i8* starts, u2* slots, u4* places,
    i8* arranged) {
  __shared__ u4 counts[BUCKETS], before[BUCKETS];
  __shared__ i8 bases[BUCKETS], staged[TILE];
  i8 tile = (i8)blockDim.x * EACH;
  Share share = share_of(work, n, tile);
  u8 from = first_code(share, origin, shift + fan);
  starts += share.part << fan;
  for (i8 start = share.first; start < share.end; start += share.step) {
    for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x) counts[b] = 0;
    __syncthreads();
    int rows = (int)(share.end - start < tile ? share.end - start : tile);
    i8 group[EACH];
    u4 rank[EACH];
#pragma unroll
    for (int r = 0; r < EACH; r++) {
      int k = r * blockDim.x + threadIdx.x;
      group[r] = groups[start + (k < rows ? k : 0)];
    }
#pragma unroll
    for (int r = 0; r < EACH; r++)
      if (r * blockDim.x + threadIdx.x < rows) rank[r] = atomicAdd(counts + bucket_of(group[r], from, shift), 1u);
    __syncthreads();
    sum_before(counts, before);
    for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x)
      if (counts[b]) bases[b] = (i8)atomicAdd((u8*)starts + b, (u8)counts[b]) - before[b];
#pragma unroll
    for (int r = 0; r < EACH; r++) {
      int k = r * blockDim.x + threadIdx.x;
      if (k < rows) {
        u4 slot = before[bucket_of(group[r], from, shift)] + rank[r];
        slots[start + k] = (u2)slot, staged[slot] = group[r];
      }
    }
    __syncthreads();
    for (int slot = threadIdx.x; slot < rows; slot += blockDim.x) {
      i8 place = bases[bucket_of(staged[slot], from, shift)] + slot;
      places[start + slot] = (u4)place, arranged[place] = staged[slot];
    }
    __syncthreads();
  }
}

// A column's values to their places, of so many bytes; the same tiles.
template <typename T>
__device__ __forceinline__ void move(
    const T* column, i8 n, const i8* work, const u2* slots, const u4* places, T* moved) {
  __shared__ T staged[TILE];
  i8 tile = (i8)blockDim.x * EACH;
  Share share = share_of(work, n, tile);
  for (i8 start = share.first; start < share.end; start += share.step) {
    int rows = (int)(share.end - start < tile ? share.end - start : tile);
#pragma unroll
    for (int r = 0; r < EACH; r++) {
      int k = r * blockDim.x + threadIdx.x;
      if (k < rows) staged[slots[start + k]] = column[start + k];
    }
    __syncthreads();
#pragma unroll
    for (int r = 0; r < EACH; r++) {
      int slot = r * blockDim.x + threadIdx.x;
      if (slot < rows) moved[places[start + slot]] = staged[slot];
    }
    __syncthreads();
  }
}
#define MOVE(name, T) \
  extern "C" __global__ void name(const T* x, i8 n, const i8* work, const u2* slots, const u4* places, T* moved) { \
    move(x, n, work, slots, places, moved); \
  }
MOVE(move_1, u1)
MOVE(move_2, u2)
MOVE(move_4, u4)
MOVE(move_8, u8)

// -- numbering keys within parts ----------------------------------------------------------------------------------------

// A block sorts the keys of its part, at most PART, in shared memory: into buckets by their leading bits, and each bucket by
// inserting; or, where one has more than MANY, all by Batcher's bitonic network. Every row learns the rank of its key among
// the distinct ones of the part, and these are counted.
#define PART 2048
#define MANY 24

__device__ __forceinline__ void exchange(u8* keys, u2* rows, int low, int high, bool ascending) {
  u8 key = keys[low], other = keys[high];
  u2 row = rows[low], next = rows[high];
  if ((key > other || (key == other && row > next)) == ascending) {
    keys[low] = other, keys[high] = key;
    rows[low] = next, rows[high] = row;
  }
}

// What is behind `count` counts as largest.
__device__ __forceinline__ void sort_by_network(u8* keys, u2* rows, int count) {
  int size = 2;
  while (size < count) size *= 2;
  for (int k = count + threadIdx.x; k < size; k += blockDim.x) keys[k] = ~0ULL, rows[k] = (u2)k;
  for (int width = 2; width <= size; width *= 2) {
    for (int step = width / 2; step > 0; step /= 2) {
      __syncthreads();
      for (int k = threadIdx.x; k < size / 2; k += blockDim.x) {
        int low = 2 * k - (k & (step - 1));
        exchange(keys, rows, low, low + step, (low & width) == 0);
      }
    }
  }
  __syncthreads();
}

__device__ __forceinline__ void sort_by_inserting(u8* keys, u2* rows, int first, int count) {
  for (int k = first + 1; k < first + count; k++) {
    u8 key = keys[k];
    u2 row = rows[k];
    int place = k;
    for (; place > first && keys[place - 1] > key; place--) keys[place] = keys[place - 1], rows[place] = rows[place - 1];
    keys[place] = key, rows[place] = row;
  }
}

// Keys of a part count from its first on, below 2**shift.
extern "C" __global__ void rank(const i8* keys, i8 n, const i8* work, i8 origin, i4 shift, u2* ranks, i8* counts) {
  __shared__ u8 key[PART];
  __shared__ u2 row[PART], place[PART];
  __shared__ u4 begun[BUCKETS], before[BUCKETS], most;
  Share share = share_of(work, n, PART);
  u8 from = first_code(share, origin, shift);
  int rows = (int)(share.end - share.first), inside = shift > 9 ? shift - 9 : 0;
  for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x) begun[b] = 0;
  if (threadIdx.x == 0) most = 0;
  __syncthreads();
  for (int k = threadIdx.x; k < rows; k += blockDim.x)
    place[k] = (u2)atomicAdd(begun + bucket_of(keys[share.first + k], from, inside), 1u);
  __syncthreads();
  sum_before(begun, before);
  for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x)
    if (begun[b] > MANY) most = begun[b];
  for (int k = threadIdx.x; k < rows; k += blockDim.x) {
    i8 code = keys[share.first + k];
    int slot = before[bucket_of(code, from, inside)] + place[k];
    key[slot] = (u8)code - from, row[slot] = (u2)k;
  }
  __syncthreads();
  if (most)
    sort_by_network(key, row, rows);
  else
    for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x) sort_by_inserting(key, row, before[b], begun[b]);
  __syncthreads();
  int run = (rows + BUCKETS - 1) / BUCKETS;
  for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x) {
    begun[b] = 0;
    for (int k = b * run; k < (b + 1) * run && k < rows; k++) begun[b] += k == 0 || key[k] != key[k - 1];
  }
  __syncthreads();
  sum_before(begun, before);
  for (int b = threadIdx.x; b < BUCKETS; b += blockDim.x) {
    u4 rank = before[b];
    for (int k = b * run; k < (b + 1) * run && k < rows; k++) {
      rank += k == 0 || key[k] != key[k - 1];
      ranks[share.first + row[k]] = (u2)(rank - 1);
    }
  }
  if (threadIdx.x == 0) counts[share.part] = before[BUCKETS - 1] + begun[BUCKETS - 1];
}

// Group numbers out of ranks: those of a part begin at its base.
extern "C" __global__ void number(
    const i8* keys, i8 n, const i8* work, const u2* ranks, const i8* bases, i8* groups, i8* values) {
  Share share = share_of(work, n, PART);
  i8 base = bases[share.part];
  for (i8 i = share.first + threadIdx.x; i < share.end; i += blockDim.x) {
    i8 group = base + ranks[i];
    groups[i] = group, values[group] = keys[i];
  }
}

// -- sorting rows by key -----------------------------------------------------------------------------------------------

// Floats as integers in the same order: -0.0 as 0.0, nan behind all else.
template <typename T>
__device__ __forceinline__ void to_codes(const T* x, i8 n, i8* codes) {
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i8)gridDim.x * blockDim.x) {
    f8 value = x[i];
    i8 bits = value == value ? f8_bits(value + 0.0) : 0x7ff8LL << 48;
    codes[i] = bits ^ (bits >> 63 & 0x7fffffffffffffffLL);
  }
}
extern "C" __global__ void codes_f8(const f8* x, i8 n, i8* codes) { to_codes(x, n, codes); }
extern "C" __global__ void codes_f4(const f4* x, i8 n, i8* codes) { to_codes(x, n, codes); }

// The upper 32 bits of keys, counted from `low` on, and the numbers of their rows as one word: quicker to sort than both.
extern "C" __global__ void pack(const i8* keys, i8 n, i8 low, i4 shift, u8* packed) {
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i8)gridDim.x * blockDim.x)
    packed[i] = ((u8)keys[i] - (u8)low) >> shift << 32 | (u8)i;
}

// The rows in the order of their keys and, if asked for, where another key begins. Words with equal keys are in the order
// of rows. Keys that differ in their lower bits alone (shift > 0) are put in order here, by the thread that meets the first
// of them; `far` is set where there are more than that is good for.
#define TIES 64
#define EQUALS 1024
__device__ __forceinline__ bool are_sorted(const u8* packed, i8 first, i8 end, const i8* keys) {
  i8 last = keys[(u4)packed[first]];
  for (i8 k = first + 1; k < end; k++) {
    i8 key = keys[(u4)packed[k]];
    if (key < last) return false;
    last = key;
  }
  return true;
}
extern "C" __global__ void unpack(const u8* packed, i8 n, const i8* keys, i4 shift, u4* order, u1* starts, i4* far) {
  for (i8 i = (i8)blockIdx.x * blockDim.x + threadIdx.x; i < n && !*(volatile i4*)far; i += (i8)gridDim.x * blockDim.x) {
    u8 word = packed[i], upper = word >> 32;
    bool first = i == 0 || packed[i - 1] >> 32 != upper;
    if (shift == 0) order[i] = (u4)word;
    if (shift == 0 && starts) starts[i] = first;
    if (shift == 0 || !first) continue;
    i8 end = i + 1;
    while (end < n && end - i <= EQUALS && packed[end] >> 32 == upper) end++;
    bool sorted = end == i + 1 || (end - i <= EQUALS && are_sorted(packed, i, end, keys));
    if (!sorted && end - i > TIES) *far = 1, end = i;
    for (i8 k = i; k < end; k++) {
      u4 row = (u4)packed[k];
      i8 place = k;
      for (; !sorted && place > i && keys[order[place - 1]] > keys[row]; place--) order[place] = order[place - 1];
      order[place] = row;
    }
    for (i8 k = i; starts && k < end; k++) starts[k] = k == i || keys[order[k]] != keys[order[k - 1]];
  }
}

// -- sums out of cells -------------------------------------------------------------------------------------------------

// out[g] = the sum in cell g as f8 (how 0) or f4 (1), or the f8 sum over the count (2).
extern "C" __global__ void read_cells(const i8* cells, i8 groups, i8 low, i4 how, f8* out) {
  for (i8 g = (i8)blockIdx.x * blockDim.x + threadIdx.x; g < groups; g += (i8)gridDim.x * blockDim.x) {
    const i8* cell = cells + g * (LIMBS + 2);
    i8 count = cell[0], specials = cell[1], limb[LIMBS];
#pragma unroll
    for (int k = 0; k < LIMBS; k++) limb[k] = cell[2 + k];
    Head head = head_of<LIMBS>(limb, low);
    f8 sum = specials ? special(specials) : how == 1 ? rounded_f4(head) : rounded_f8(head);
    out[g] = how != 2 ? sum : count ? sum / (f8)count : bits_f8(0x7ff8LL << 48);
  }
}
