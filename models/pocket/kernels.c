// The parts of training between the matrix products, fused: bfloat16 in memory, float in registers, rows over all threads.
// gcc -O3 -march=native -ffast-math -fopenmp -shared -fPIC kernels.c -o kernels.so -lm
#include <math.h>
#include <stdint.h>
#include <string.h>
typedef uint16_t bf16;
#define ROWS_IN_PARALLEL _Pragma("omp parallel for schedule(static)")

static inline float up(bf16 x) { union { uint32_t u; float f; } v = { .u = (uint32_t)x << 16 }; return v.f; }
static inline bf16 down(float x)
{
    union { float f; uint32_t u; } v = { .f = x };
    return (bf16)((v.u + 0x7fffu + ((v.u >> 16) & 1u)) >> 16);
}

// y = x / rms(x) * w, for n rows of d; keeps 1/rms
void rms_forward(const float *x, const float *w, bf16 *y, float *inverse, long n, long d)
{
    ROWS_IN_PARALLEL
    for (long i = 0; i < n; i++) {
        const float *a = x + i * d; bf16 *o = y + i * d; float sum = 0;
        for (long j = 0; j < d; j++) sum += a[j] * a[j];
        float r = 1.0f / sqrtf(sum / d + 1e-5f); inverse[i] = r;
        for (long j = 0; j < d; j++) o[j] = down(a[j] * r * w[j]);
    }
}

// dx += (what flows through the norm); dw is summed over rows, one partial row of d for each of `parts` slices
void rms_backward(const float *x, const float *w, const float *inverse, const bf16 *dy, float *dx, float *dw, long n, long d, long parts)
{
    ROWS_IN_PARALLEL
    for (long p = 0; p < parts; p++) {
        float *g = dw + p * d;
        for (long i = n * p / parts; i < n * (p + 1) / parts; i++) {
            const float *a = x + i * d; const bf16 *b = dy + i * d; float *o = dx + i * d; float r = inverse[i], dot = 0;
            for (long j = 0; j < d; j++) dot += up(b[j]) * w[j] * a[j];
            dot *= r * r * r / d;
            for (long j = 0; j < d; j++) { float t = up(b[j]); g[j] += t * a[j] * r; o[j] += t * w[j] * r - a[j] * dot; }
        }
    }
}

// qkv [B*T, (H+2K)*E] -> q [B,H,T,E], k and v [B,K,T,E]; q and k turned by cos/sin [B*T, E/2]
// (pairs side by side, as GGUF "llama" has them)
static void turn(const bf16 *a, bf16 *o, const float *c, const float *s, long e, float sign, float scale)
{
    for (long j = 0; j < e / 2; j++) {
        float x = up(a[2 * j]) * scale, y = up(a[2 * j + 1]) * scale, sn = s[j] * sign;
        o[2 * j] = down(x * c[j] - y * sn); o[2 * j + 1] = down(x * sn + y * c[j]);
    }
}
void split_forward(const bf16 *qkv, const float *c, const float *s, bf16 *q, bf16 *k, bf16 *v,
                   long B, long T, long H, long K, long E, float scale)
{
    ROWS_IN_PARALLEL
    for (long i = 0; i < B * T; i++) {
        long b = i / T, t = i % T; const bf16 *a = qkv + i * (H + 2 * K) * E;
        const float *ci = c + i * E / 2, *si = s + i * E / 2;
        for (long h = 0; h < H; h++) turn(a + h * E, q + ((b * H + h) * T + t) * E, ci, si, E, 1, scale);
        for (long h = 0; h < K; h++) turn(a + (H + h) * E, k + ((b * K + h) * T + t) * E, ci, si, E, 1, 1);
        for (long h = 0; h < K; h++) memcpy(v + ((b * K + h) * T + t) * E, a + (H + K + h) * E, E * sizeof(bf16));
    }
}
void split_backward(const bf16 *q, const bf16 *k, const bf16 *v, const float *c, const float *s, bf16 *qkv,
                    long B, long T, long H, long K, long E, float scale)
{
    ROWS_IN_PARALLEL
    for (long i = 0; i < B * T; i++) {
        long b = i / T, t = i % T; bf16 *a = qkv + i * (H + 2 * K) * E;
        const float *ci = c + i * E / 2, *si = s + i * E / 2;
        for (long h = 0; h < H; h++) turn(q + ((b * H + h) * T + t) * E, a + h * E, ci, si, E, -1, scale);
        for (long h = 0; h < K; h++) turn(k + ((b * K + h) * T + t) * E, a + (H + h) * E, ci, si, E, -1, 1);
        for (long h = 0; h < K; h++) memcpy(a + (H + K + h) * E, v + ((b * K + h) * T + t) * E, E * sizeof(bf16));
    }
}

// scores [rows, T] in place -> probabilities; row r is position T - span + r % span, and sees what is not after it
void softmax_forward(bf16 *scores, long rows, long span, long T)
{
    _Pragma("omp parallel for schedule(dynamic, 64)")
    for (long r = 0; r < rows; r++) {
        bf16 *a = scores + r * T; long n = T - span + r % span + 1; float top = -1e30f, sum = 0, e[T];
        for (long j = 0; j < n; j++) { float x = up(a[j]); e[j] = x; top = x > top ? x : top; }
        for (long j = 0; j < n; j++) { float x = expf(e[j] - top); e[j] = x; sum += x; }
        float one = 1.0f / sum;
        for (long j = 0; j < n; j++) a[j] = down(e[j] * one);
        memset(a + n, 0, (T - n) * sizeof(bf16));
    }
}
// d (gradient of the probabilities, in place) -> gradient of the scores
void softmax_backward(const bf16 *p, bf16 *d, long rows, long span, long T)
{
    _Pragma("omp parallel for schedule(dynamic, 64)")
    for (long r = 0; r < rows; r++) {
        const bf16 *a = p + r * T; bf16 *b = d + r * T; long n = T - span + r % span + 1; float dot = 0;
        for (long j = 0; j < n; j++) dot += up(a[j]) * up(b[j]);
        for (long j = 0; j < n; j++) b[j] = down(up(a[j]) * (up(b[j]) - dot));
        memset(b + n, 0, (T - n) * sizeof(bf16));
    }
}

// [B,H,T,E] <-> [B,T,H,E]
void heads_to_rows(const bf16 *x, bf16 *y, long B, long T, long H, long E)
{
    ROWS_IN_PARALLEL
    for (long i = 0; i < B * T; i++)
        for (long h = 0; h < H; h++) memcpy(y + (i * H + h) * E, x + (((i / T) * H + h) * T + i % T) * E, E * sizeof(bf16));
}
void rows_to_heads(const bf16 *x, bf16 *y, long B, long T, long H, long E)
{
    ROWS_IN_PARALLEL
    for (long i = 0; i < B * T; i++)
        for (long h = 0; h < H; h++) memcpy(y + (((i / T) * H + h) * T + i % T) * E, x + (i * H + h) * E, E * sizeof(bf16));
}

// gu [n, 2f] -> silu(g) * u
void gate_forward(const bf16 *gu, bf16 *y, long n, long f)
{
    ROWS_IN_PARALLEL
    for (long i = 0; i < n; i++) {
        const bf16 *g = gu + i * 2 * f, *u = g + f; bf16 *o = y + i * f;
        for (long j = 0; j < f; j++) { float x = up(g[j]); o[j] = down(x / (1.0f + expf(-x)) * up(u[j])); }
    }
}
void gate_backward(const bf16 *gu, const bf16 *dy, bf16 *d, long n, long f)
{
    ROWS_IN_PARALLEL
    for (long i = 0; i < n; i++) {
        const bf16 *g = gu + i * 2 * f, *u = g + f, *b = dy + i * f; bf16 *dg = d + i * 2 * f, *du = dg + f;
        for (long j = 0; j < f; j++) {
            float x = up(g[j]), s = 1.0f / (1.0f + expf(-x)), t = up(b[j]);
            dg[j] = down(t * up(u[j]) * s * (1.0f + x * (1.0f - s))); du[j] = down(t * x * s);
        }
    }
}

// logits [n, V] in place -> gradient of sum(weight * loss); loss and whether the best token was right, by row
void cross_entropy(bf16 *logits, const int64_t *target, const float *weight, float *loss, float *right, long n, long V)
{
    ROWS_IN_PARALLEL
    for (long i = 0; i < n; i++) {
        bf16 *a = logits + i * V; float e[V], top = -1e30f, sum = 0;
        for (long j = 0; j < V; j++) { float x = up(a[j]); e[j] = x; top = x > top ? x : top; }
        float at = e[target[i]]; right[i] = at >= top;
        for (long j = 0; j < V; j++) { float x = expf(e[j] - top); e[j] = x; sum += x; }
        loss[i] = logf(sum) + top - at;
        float one = weight[i] / sum;
        for (long j = 0; j < V; j++) a[j] = down(e[j] * one);
        a[target[i]] = down(e[target[i]] * one - weight[i]);
    }
}
