// BatchNorm, residual sum and ReLU of channels-last images on a GPU. Compiled at run time, once for each
//   TYPE   what the images' numbers are: 0 float, 1 bfloat16, 2 half
//   WIDTH  neighbouring channels of one thread: 16 bytes, or 1 where they do not divide a row
//   AHEAD  rows whose memory is asked for before the first of them is needed.
// Images are rows of channels. blockIdx.z is BatchNorm's group, blockIdx.y with threadIdx.x the thread's channels, and blockIdx.x with
// threadIdx.y its rows. A number for each channel of each group lies at [group * channels + channel].

#if TYPE == 0
typedef float Number;
#else
typedef unsigned short Number;
#endif

// The numbers of one thread in one row, as they lie in memory.
#if WIDTH == 1
typedef Number Packed;
#else
typedef uint4 Packed;
#endif

struct Values
{
    float at[WIDTH];
};

#define EACH for (int i = 0; i < WIDTH; i++)

static __device__ float wide(Number x)
{
#if TYPE == 0
    return x;
#elif TYPE == 1
    return __uint_as_float((unsigned)x << 16);
#else
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x));
    return y;
#endif
}

static __device__ Number narrow(float x)
{
#if TYPE == 0
    return x;
#elif TYPE == 1
    // To the nearest, to even where two are as near.
    unsigned bits = __float_as_uint(x);
    return x != x ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
#else
    Number y;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y) : "f"(x));
    return y;
#endif
}

static __device__ Values unpack(Packed from)
{
    Values to;
#if WIDTH == 1
    to.at[0] = wide(from);
#elif TYPE == 0
    to.at[0] = __uint_as_float(from.x);
    to.at[1] = __uint_as_float(from.y);
    to.at[2] = __uint_as_float(from.z);
    to.at[3] = __uint_as_float(from.w);
#else
    unsigned words[4] = { from.x, from.y, from.z, from.w };
    for (int i = 0; i < 4; i++)
    {
        to.at[2 * i] = wide(words[i] & 0xffff);
        to.at[2 * i + 1] = wide(words[i] >> 16);
    }
#endif
    return to;
}

static __device__ Packed pack(Values from)
{
#if WIDTH == 1
    return narrow(from.at[0]);
#elif TYPE == 0
    return make_uint4(__float_as_uint(from.at[0]), __float_as_uint(from.at[1]), __float_as_uint(from.at[2]), __float_as_uint(from.at[3]));
#else
    unsigned words[4];
    for (int i = 0; i < 4; i++) words[i] = narrow(from.at[2 * i]) | (unsigned)narrow(from.at[2 * i + 1]) << 16;
    return make_uint4(words[0], words[1], words[2], words[3]);
#endif
}

// BatchNorm's groups: the first `larger` have an image more than `images`, which has `pixels` rows.
struct Shape
{
    int channels, images, larger, pixels;
};

// The rows and channels of this thread.
struct Place
{
    int channel;
    long long row, end; // the next row, and the one behind the last of this block
};

static __device__ long long first_row(Shape shape, int group)
{
    return ((long long)group * shape.images + min(group, shape.larger)) * shape.pixels;
}

static __device__ Place place(Shape shape)
{
    Place here;
    here.channel = (blockIdx.y * blockDim.x + threadIdx.x) * WIDTH;
    long long first = first_row(shape, blockIdx.z), rows = first_row(shape, blockIdx.z + 1) - first;
    long long share = (rows + gridDim.x - 1) / gridDim.x;
    here.row = first + share * blockIdx.x + threadIdx.y;
    here.end = here.channel < shape.channels ? first + min(rows, share * (blockIdx.x + 1)) : 0;
    return here;
}

static __device__ Packed load(const Number* from, long long row, Shape shape, Place here)
{
    return *(const Packed*)(from + row * shape.channels + here.channel);
}

static __device__ void store(Number* to, long long row, Shape shape, Place here, Values values)
{
    *(Packed*)(to + row * shape.channels + here.channel) = pack(values);
}

static __device__ Values of_channels(const float* numbers, Shape shape, Place here)
{
    Values values;
    EACH values.at[i] = here.end > 0 ? numbers[blockIdx.z * shape.channels + here.channel + i] : 0;
    return values;
}

// Does something for each row of this thread; before, LOAD for it and the next ones. Both know `row` and its number `k` among AHEAD.
#define ROWS(LOAD, ...) \
    for (long long begin = here.row; begin < here.end; begin += AHEAD * blockDim.y) \
    { \
        _Pragma("unroll") for (int k = 0; k < AHEAD; k++) \
        { \
            long long row = begin + k * blockDim.y; \
            if (row < here.end) { LOAD; } \
        } \
        _Pragma("unroll") for (int k = 0; k < AHEAD; k++) \
        { \
            long long row = begin + k * blockDim.y; \
            if (row < here.end) { __VA_ARGS__; } \
        } \
    }

// Two sums over this block's rows, to partial[(group * 2 + which) * channels + channel][block], in an order that is always the same.
static __device__ void give(Values first, Values second, float* partial, Shape shape)
{
    extern __shared__ float shared[]; // 2 × the block's rows × its channels
    int wide = blockDim.x * WIDTH;
    float* others = shared + blockDim.y * wide;
    EACH
    {
        shared[threadIdx.y * wide + threadIdx.x * WIDTH + i] = first.at[i];
        others[threadIdx.y * wide + threadIdx.x * WIDTH + i] = second.at[i];
    }
    __syncthreads();
    for (int i = threadIdx.y * blockDim.x + threadIdx.x; i < 2 * wide; i += blockDim.x * blockDim.y)
    {
        int which = i / wide, column = i % wide, channel = blockIdx.y * wide + column;
        if (channel >= shape.channels) continue;
        float sum = 0;
        for (unsigned row = 0; row < blockDim.y; row++) sum += (which ? others : shared)[row * wide + column];
        partial[((blockIdx.z * 2LL + which) * shape.channels + channel) * gridDim.x + blockIdx.x] = sum;
    }
}

// What all blocks gave for a channel of a group, known to each thread of a warp.
static __device__ void total(const float* partial, int group, int channel, Shape shape, int blocks, double& first, double& second)
{
    const float* from = partial + (group * 2LL * shape.channels + channel) * blocks;
    first = second = 0;
    for (int i = threadIdx.x; i < blocks; i += 32)
    {
        first += from[i];
        second += from[(long long)shape.channels * blocks + i];
    }
    for (int step = 16; step > 0; step /= 2)
    {
        first += __shfl_xor_sync(0xffffffff, first, step);
        second += __shfl_xor_sync(0xffffffff, second, step);
    }
}

// The mean of these rows of a group, which lie apart, is near that of all: squares of what is left lose few digits.
#define SAMPLES 8

static __device__ long long sample(Shape shape, int group, int i)
{
    long long first = first_row(shape, group), rows = first_row(shape, group + 1) - first;
    return first + rows * (2 * i + 1) / (2 * SAMPLES);
}

static __device__ float rectified(float x)
{
    return x <= 0 ? 0 : x; // what is no number stays none
}

// Sums of x − s and (x − s)², where s is the samples' mean.
extern "C" __global__ void moments(Shape shape, const Number* x, float* partial)
{
    Place here = place(shape);
    Values shift = {}, sum = {}, square = {};
    for (int k = 0; k < SAMPLES && here.end > 0; k++)
    {
        Values value = unpack(load(x, sample(shape, blockIdx.z, k), shape, here));
        EACH shift.at[i] += value.at[i] / SAMPLES;
    }
    Packed next[AHEAD];
    ROWS(next[k] = load(x, row, shape, here),
        Values value = unpack(next[k]);
        EACH
        {
            float step = value.at[i] - shift.at[i];
            sum.at[i] += step;
            square.at[i] = fmaf(step, step, square.at[i]);
        })
    give(sum, square, partial, shape);
}

// From those sums the mean, 1/√(variance + ε), and a and b of the line that normalises. Running statistics, where there are any, move
// towards the mean over the groups. A warp for each channel.
extern "C" __global__ void normalise(Shape shape, const Number* x, const float* partial, int blocks, int groups, double epsilon,
    double momentum, const float* weight, const float* bias, float* running_mean, float* running_variance,
    float* mean, float* deviation, float* a, float* b)
{
    int channel = blockIdx.x * blockDim.y + threadIdx.y;
    if (channel >= shape.channels) return;
    double means = 0, variances = 0;
    for (int group = 0; group < groups; group++)
    {
        double sum, square;
        total(partial, group, channel, shape, blocks, sum, square);
        double rows = first_row(shape, group + 1) - first_row(shape, group), step = sum / rows;
        float shift = 0;
        for (int k = 0; k < SAMPLES; k++) shift += wide(x[sample(shape, group, k) * shape.channels + channel]) / SAMPLES;
        double middle = shift + step, squares = square - sum * step;
        squares = squares < 0 ? 0 : squares;
        double scale = 1 / sqrt(squares / rows + epsilon);
        means += middle;
        variances += squares / (rows - 1);
        if (threadIdx.x == 0)
        {
            int place = group * shape.channels + channel;
            mean[place] = middle;
            deviation[place] = scale;
            a[place] = weight[channel] * scale;
            b[place] = bias[channel] - middle * weight[channel] * scale;
        }
    }
    if (threadIdx.x == 0 && running_mean)
    {
        running_mean[channel] = (1 - momentum) * running_mean[channel] + momentum * means / groups;
        running_variance[channel] = (1 - momentum) * running_variance[channel] + momentum * variances / groups;
    }
}

// y ← max(0, a·x + b). y may be x.
extern "C" __global__ void rectify(Shape shape, const Number* x, Number* y, const float* a, const float* b)
{
    Place here = place(shape);
    Values scale = of_channels(a, shape, here), shift = of_channels(b, shape, here);
    Packed next[AHEAD];
    ROWS(next[k] = load(x, row, shape, here),
        Values value = unpack(next[k]);
        EACH value.at[i] = rectified(fmaf(value.at[i], scale.at[i], shift.at[i]));
        store(y, row, shape, here, value))
}

// y ← max(0, a·x + b + identity).
extern "C" __global__ void rectify_sum(Shape shape, const Number* x, Number* y, const float* a, const float* b, const Number* identity)
{
    Place here = place(shape);
    Values scale = of_channels(a, shape, here), shift = of_channels(b, shape, here);
    Packed next[AHEAD], beside[AHEAD];
    ROWS(next[k] = load(x, row, shape, here); beside[k] = load(identity, row, shape, here),
        Values value = unpack(next[k]), other = unpack(beside[k]);
        EACH value.at[i] = rectified(fmaf(value.at[i], scale.at[i], shift.at[i]) + other.at[i]);
        store(y, row, shape, here, value))
}

// y ← max(0, a·x + b + a′·x′ + b′).
extern "C" __global__ void rectify_both(Shape shape, const Number* x, Number* y, const float* a, const float* b,
    const Number* other_x, const float* other_a, const float* other_b)
{
    Place here = place(shape);
    Values scale = of_channels(a, shape, here), shift = of_channels(b, shape, here);
    Values other_scale = of_channels(other_a, shape, here), other_shift = of_channels(other_b, shape, here);
    Packed next[AHEAD], beside[AHEAD];
    ROWS(next[k] = load(x, row, shape, here); beside[k] = load(other_x, row, shape, here),
        Values value = unpack(next[k]), other = unpack(beside[k]);
        EACH value.at[i] = rectified(fmaf(value.at[i], scale.at[i], shift.at[i])
            + fmaf(other.at[i], other_scale.at[i], other_shift.at[i]));
        store(y, row, shape, here, value))
}

// Sums of g and g·(x − mean), where g is the gradient of max(0, a·x + b).
extern "C" __global__ void sums(Shape shape, const Number* x, const Number* gradient, const float* a, const float* b, const float* mean,
    float* partial)
{
    Place here = place(shape);
    Values scale = of_channels(a, shape, here), shift = of_channels(b, shape, here), center = of_channels(mean, shape, here);
    Values sum = {}, product = {};
    Packed next[AHEAD], beside[AHEAD];
    ROWS(next[k] = load(x, row, shape, here); beside[k] = load(gradient, row, shape, here),
        Values value = unpack(next[k]), g = unpack(beside[k]);
        EACH
        {
            float passed = fmaf(value.at[i], scale.at[i], shift.at[i]) <= 0 ? 0 : g.at[i];
            sum.at[i] += passed;
            product.at[i] = fmaf(passed, value.at[i] - center.at[i], product.at[i]);
        })
    give(sum, product, partial, shape);
}

// Sums of g and g·(x − mean).
extern "C" __global__ void sums_plain(Shape shape, const Number* x, const Number* gradient, const float* mean, float* partial)
{
    Place here = place(shape);
    Values center = of_channels(mean, shape, here), sum = {}, product = {};
    Packed next[AHEAD], beside[AHEAD];
    ROWS(next[k] = load(x, row, shape, here); beside[k] = load(gradient, row, shape, here),
        Values value = unpack(next[k]), g = unpack(beside[k]);
        EACH
        {
            sum.at[i] += g.at[i];
            product.at[i] = fmaf(g.at[i], value.at[i] - center.at[i], product.at[i]);
        })
    give(sum, product, partial, shape);
}

// g ← where y is above 0 g + more (which may be none), else 0; and the sums of g and g·(x − mean).
extern "C" __global__ void mask_and_sum(Shape shape, const Number* y, Number* gradient, const Number* more, const Number* x,
    const float* mean, float* partial)
{
    Place here = place(shape);
    Values center = of_channels(mean, shape, here), sum = {}, product = {};
    Packed results[AHEAD], gradients[AHEAD], others[AHEAD], next[AHEAD];
    ROWS(results[k] = load(y, row, shape, here);
        gradients[k] = load(gradient, row, shape, here);
        if (more) others[k] = load(more, row, shape, here);
        next[k] = load(x, row, shape, here),
        Values result = unpack(results[k]), g = unpack(gradients[k]), value = unpack(next[k]);
        if (more)
        {
            Values other = unpack(others[k]);
            EACH g.at[i] += other.at[i];
        }
        EACH g.at[i] = result.at[i] <= 0 ? 0 : g.at[i];
        store(gradient, row, shape, here, g);
        EACH
        {
            sum.at[i] += g.at[i];
            product.at[i] = fmaf(g.at[i], value.at[i] - center.at[i], product.at[i]);
        })
    give(sum, product, partial, shape);
}

// BatchNorm's backward as a line for each channel: the gradient of x is a·g + q·x + r. Adds the gradients of weight and bias, where they
// are wanted. A warp for each channel.
extern "C" __global__ void line(Shape shape, const float* partial, int blocks, int groups, const float* mean, const float* deviation,
    const float* a, float* q, float* r, float* weight_gradient, float* bias_gradient)
{
    int channel = blockIdx.x * blockDim.y + threadIdx.y;
    if (channel >= shape.channels) return;
    double of_weight = 0, of_bias = 0;
    for (int group = 0; group < groups; group++)
    {
        double sum, product;
        total(partial, group, channel, shape, blocks, sum, product);
        double rows = first_row(shape, group + 1) - first_row(shape, group);
        int place = group * shape.channels + channel;
        double scale = deviation[place], slope = -(double)a[place] * scale * scale * product / rows;
        of_weight += scale * product;
        of_bias += sum;
        if (threadIdx.x == 0)
        {
            q[place] = slope;
            r[place] = -a[place] * sum / rows - slope * mean[place];
        }
    }
    if (threadIdx.x == 0 && weight_gradient) weight_gradient[channel] += of_weight;
    if (threadIdx.x == 0 && bias_gradient) bias_gradient[channel] += of_bias;
}

// x ← a·g + q·x + r, where g is the gradient of max(0, a·x + b).
extern "C" __global__ void input_gradient(Shape shape, Number* x, const Number* gradient, const float* a, const float* b, const float* q,
    const float* r)
{
    Place here = place(shape);
    Values scale = of_channels(a, shape, here), shift = of_channels(b, shape, here);
    Values slope = of_channels(q, shape, here), rest = of_channels(r, shape, here);
    Packed next[AHEAD], beside[AHEAD];
    ROWS(next[k] = load(x, row, shape, here); beside[k] = load(gradient, row, shape, here),
        Values value = unpack(next[k]), g = unpack(beside[k]);
        EACH
        {
            float passed = fmaf(value.at[i], scale.at[i], shift.at[i]) <= 0 ? 0 : g.at[i];
            value.at[i] = fmaf(passed, scale.at[i], fmaf(value.at[i], slope.at[i], rest.at[i]));
        }
        store(x, row, shape, here, value))
}

// x ← a·g + q·x + r.
extern "C" __global__ void input_gradient_plain(Shape shape, Number* x, const Number* gradient, const float* a, const float* q,
    const float* r)
{
    Place here = place(shape);
    Values scale = of_channels(a, shape, here), slope = of_channels(q, shape, here), rest = of_channels(r, shape, here);
    Packed next[AHEAD], beside[AHEAD];
    ROWS(next[k] = load(x, row, shape, here); beside[k] = load(gradient, row, shape, here),
        Values value = unpack(next[k]), g = unpack(beside[k]);
        EACH value.at[i] = fmaf(g.at[i], scale.at[i], fmaf(value.at[i], slope.at[i], rest.at[i]));
        store(x, row, shape, here, value))
}

// Max pooling of 3×3, two apart, one of padding beyond each edge.
struct Sides
{
    int height, width, pooled_height, pooled_width;
};

// Where in their windows (3 · row + column) the highest numbers of a thread lie.
struct Spots
{
    unsigned char at[WIDTH];
};

#if WIDTH == 1
typedef unsigned char PackedSpots;
#elif WIDTH == 4
typedef unsigned PackedSpots;
#else
typedef uint2 PackedSpots;
#endif

union SpotsInMemory
{
    PackedSpots packed;
    Spots spots;
};

// y ← the highest max(0, a·x + b) of each window, and where it is (spots may be none). The shape is that of y.
extern "C" __global__ void rectify_pool(Shape shape, int height, int width, int pooled_height, int pooled_width, const Number* x,
    Number* y, unsigned char* spots, const float* a, const float* b)
{
    Sides sides = { height, width, pooled_height, pooled_width };
    Place here = place(shape);
    Values scale = of_channels(a, shape, here), shift = of_channels(b, shape, here);
    for (long long row = here.row; row < here.end; row += blockDim.y)
    {
        long long image = row / shape.pixels;
        int pixel = row % shape.pixels, top = 2 * (pixel / sides.pooled_width) - 1, left = 2 * (pixel % sides.pooled_width) - 1;
        Values highest;
        SpotsInMemory where = {};
        EACH highest.at[i] = __int_as_float(0xff800000); // −∞
        _Pragma("unroll") for (int spot = 0; spot < 9; spot++)
        {
            int from_top = top + spot / 3, from_left = left + spot % 3;
            if (from_top < 0 || from_top >= sides.height || from_left < 0 || from_left >= sides.width) continue;
            Values value = unpack(load(x, (image * sides.height + from_top) * sides.width + from_left, shape, here));
            EACH
            {
                float normal = fmaf(value.at[i], scale.at[i], shift.at[i]);
                if (normal > highest.at[i] || normal != normal)
                {
                    highest.at[i] = normal;
                    where.spots.at[i] = spot;
                }
            }
        }
        EACH highest.at[i] = rectified(highest.at[i]);
        store(y, row, shape, here, highest);
        if (spots) *(PackedSpots*)(spots + row * shape.channels + here.channel) = where.packed;
    }
}

// The gradient of a pixel before pooling: of the windows that it is the highest of.
static __device__ Values of_windows(const Number* gradient, const unsigned char* spots, long long row, Shape shape, Sides sides, Place here)
{
    Values sum = {};
    long long image = row / shape.pixels;
    int pixel = row % shape.pixels, y = pixel / sides.width, x = pixel % sides.width;
    for (int down = y / 2; down <= (y + 1) / 2 && down < sides.pooled_height; down++)
    {
        for (int right = x / 2; right <= (x + 1) / 2 && right < sides.pooled_width; right++)
        {
            long long window = (image * sides.pooled_height + down) * sides.pooled_width + right;
            int spot = 3 * (y - 2 * down + 1) + x - 2 * right + 1;
            SpotsInMemory where;
            where.packed = *(const PackedSpots*)(spots + window * shape.channels + here.channel);
            Values g = unpack(load(gradient, window, shape, here));
            EACH sum.at[i] += where.spots.at[i] == spot ? g.at[i] : 0;
        }
    }
    return sum;
}

// As `sums`, where the gradient is that of what `rectify_pool` made.
extern "C" __global__ void sums_pooled(Shape shape, int height, int width, int pooled_height, int pooled_width, const Number* x,
    const Number* gradient, const unsigned char* spots, const float* a, const float* b, const float* mean, float* partial)
{
    Sides sides = { height, width, pooled_height, pooled_width };
    Place here = place(shape);
    Values scale = of_channels(a, shape, here), shift = of_channels(b, shape, here), center = of_channels(mean, shape, here);
    Values sum = {}, product = {};
    for (long long row = here.row; row < here.end; row += blockDim.y)
    {
        Values value = unpack(load(x, row, shape, here)), g = of_windows(gradient, spots, row, shape, sides, here);
        EACH
        {
            float passed = fmaf(value.at[i], scale.at[i], shift.at[i]) <= 0 ? 0 : g.at[i];
            sum.at[i] += passed;
            product.at[i] = fmaf(passed, value.at[i] - center.at[i], product.at[i]);
        }
    }
    give(sum, product, partial, shape);
}

// As `input_gradient`, where the gradient is that of what `rectify_pool` made.
extern "C" __global__ void input_gradient_pooled(Shape shape, int height, int width, int pooled_height, int pooled_width, Number* x,
    const Number* gradient, const unsigned char* spots, const float* a, const float* b, const float* q, const float* r)
{
    Sides sides = { height, width, pooled_height, pooled_width };
    Place here = place(shape);
    Values scale = of_channels(a, shape, here), shift = of_channels(b, shape, here);
    Values slope = of_channels(q, shape, here), rest = of_channels(r, shape, here);
    for (long long row = here.row; row < here.end; row += blockDim.y)
    {
        Values value = unpack(load(x, row, shape, here)), g = of_windows(gradient, spots, row, shape, sides, here);
        EACH
        {
            float passed = fmaf(value.at[i], scale.at[i], shift.at[i]) <= 0 ? 0 : g.at[i];
            value.at[i] = fmaf(passed, scale.at[i], fmaf(value.at[i], slope.at[i], rest.at[i]));
        }
        store(x, row, shape, here, value);
    }
}
