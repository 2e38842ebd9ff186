using System.Numerics;
using Samovar.Engine.Retention;

namespace Samovar.Engine.Decoding;

/// <summary>What chunks of a prompt take here, by their length and by how many tokens stand in front: learned from those before.</summary>
/// <remarks>
/// Attention makes a token dearer the more tokens stand in front of it, and ggml computes it in tiles from 64 tokens on, in a half to a
/// quarter of the time that as many single ones take. So the two are measured apart, each by depth, in bands that double. What was not
/// measured follows from the band that is nearest: at more depth as much more as is usual for a small model, which is too much for others
/// and put right by the first chunk there; at less depth what is usual, as far as that lies between as much less and no less.
/// </remarks>
/// <param name="usual">What is usual for this model, before anything was measured.</param>
/// <param name="batchTokens">Tokens of a batch.</param>
internal sealed class PrefillPace(PrefillGuess usual, int batchTokens)
{
    /// <summary>Tokens of a tile; fewer are computed one by one.</summary>
    public const int Tile = 64;

    /// <summary>The smallest chunk, whatever it takes: a prompt must get on. Sums of a lone token's attention depend on threads.</summary>
    public const int ChunkMin = 2;

    private const int TiledStep = 16;
    private readonly PaceBands _tiled = new(PrefillGuess.TiledDepth, usual.Seconds),
        _single = new(PrefillGuess.SingleDepth, usual.Seconds * PrefillGuess.Single(0));

    /// <summary>Seconds that a chunk is expected to take.</summary>
    public double Seconds(int tokens, int depth) => tokens < Tile ? tokens * SingleAt(depth) : InTiles(tokens, depth) * TiledAt(depth);

    /// <summary>How many tokens of a prompt a round computes: as many as fit the time that is good for all, a tile where that fits what may
    /// be taken at most, else what fits of single ones.</summary>
    /// <param name="left">Tokens that there are.</param>
    /// <param name="depth">Tokens in front of them.</param>
    /// <param name="good">Seconds that it should take at most.</param>
    /// <param name="most">Seconds that it may take.</param>
    public int Tokens(int left, int depth, double good, double most)
    {
        left = Math.Min(left, batchTokens);
        var tile = Seconds(Tile, depth);
        if (left >= Tile && tile <= most)
        {
            var tokens = (int)Math.Clamp(good / tile, 1, batchTokens / (double)Tile) * Tile;
            while (tokens + TiledStep <= batchTokens && Seconds(tokens + TiledStep, depth) <= good) tokens += TiledStep;
            return Math.Min(left, tokens);
        }
        var single = (int)Math.Clamp((tile <= most ? Math.Max(good, tile) : most) / SingleAt(depth), ChunkMin, Tile - 1);
        return Math.Min(left, single);
    }

    /// <summary>A chunk was computed.</summary>
    public void Measured(int depth, int tokens, TimeSpan took)
    {
        if (took <= TimeSpan.Zero) return;
        if (tokens < Tile) _single.Measured(depth, took.TotalSeconds / tokens);
        else _tiled.Measured(depth, took.TotalSeconds / InTiles(tokens, depth));
    }

    private double TiledAt(int depth) => _tiled.At(depth) ?? _single.At(depth) * PrefillGuess.Tiled(depth) / PrefillGuess.Single(depth)
        ?? usual.Seconds * PrefillGuess.Tiled(depth);

    private double SingleAt(int depth) => _single.At(depth) ?? _tiled.At(depth) * PrefillGuess.Single(depth) / PrefillGuess.Tiled(depth)
        ?? usual.Seconds * PrefillGuess.Single(depth);

    /// <summary>Tokens that it counts as: attention fills the last tile up, the rest does not.</summary>
    private static double InTiles(int tokens, int depth)
    {
        var filled = (tokens + Tile - 1) / Tile * Tile;
        return filled - (filled - tokens) / PrefillGuess.Tiled(depth);
    }
}

/// <summary>Seconds of a token by its depth, in bands that double.</summary>
/// <param name="depthUsual">Tokens in front that usually double what a token takes.</param>
/// <param name="firstUsual">Seconds that one with nothing in front usually takes.</param>
internal sealed class PaceBands(double depthUsual, double firstUsual)
{
    private const double Slower = 0.7, Faster = 0.15; // cores that get busy are believed at once, that they are free again after a while
    private const double JumpMax = 4;                 // one stall is no new pace
    private const int FirstBand = 1024, Bands = 12;
    private readonly (double Seconds, int Depth)[] _measured = new (double, int)[Bands];

    /// <summary>Of a token behind so many; null where nothing was measured.</summary>
    public double? At(int depth)
    {
        var band = BandOf(depth);
        for (var near = 0; near < Bands; near++)
        {
            if (band - near >= 0 && _measured[band - near] is { Seconds: > 0 } below) return Moved(below, depth);
            if (band + near < Bands && _measured[band + near] is { Seconds: > 0 } above) return Moved(above, depth);
        }
        return null;
    }

    /// <summary>A token behind so many took so long.</summary>
    public void Measured(int depth, double seconds)
    {
        var expected = At(depth) ?? seconds;
        var value = Math.Min(seconds, expected * JumpMax);
        ref var band = ref _measured[BandOf(depth)];
        band = (band.Seconds <= 0 ? value : expected + (value > expected ? Slower : Faster) * (value - expected), depth);
    }

    private double Moved((double Seconds, int Depth) from, int depth) =>
        depth >= from.Depth ? from.Seconds * Shape(depth) / Shape(from.Depth)
        : Math.Clamp(firstUsual * Shape(depth), from.Seconds * Shape(depth) / Shape(from.Depth), from.Seconds);

    private double Shape(int depth) => 1 + depth / depthUsual;

    private static int BandOf(int depth) =>
        depth < FirstBand ? 0 : Math.Min(Bands - 1, 1 + BitOperations.Log2((uint)(depth / FirstBand)));
}

/// <summary>What computing a prompt usually takes: rough, and the same each time.</summary>
/// <param name="Seconds">Of a token in a tile with nothing in front of it.</param>
/// <param name="IsProcessor">Whether a processor computes: another device has a whole batch in a moment.</param>
internal sealed record PrefillGuess(double Seconds, bool IsProcessor)
{
    /// <summary>Tokens in front that double what a token takes, as measured with Pocket: in a tile, and by itself.</summary>
    public const double TiledDepth = 1300, SingleDepth = 480;

    private const double SingleCost = 1.25;          // of a token by itself, with nothing in front, beside one in a tile
    private const double WeightsPerSecond = 6e10;    // of one core: parameters times tokens
    private const double DeviceWeightsPerSecond = 1e13;

    /// <summary>By the model's size and what computes it.</summary>
    public static PrefillGuess Of(long parameters, int threads, bool isProcessor) =>
        new(Math.Max(1, parameters) / (isProcessor ? WeightsPerSecond * threads : DeviceWeightsPerSecond), isProcessor);

    /// <summary>Of a whole prompt.</summary>
    public PrefillCost Cost => new(Seconds, Seconds / (2 * TiledDepth));

    /// <summary>What a token in a tile takes behind so many, where the first one takes 1.</summary>
    public static double Tiled(int depth) => 1 + depth / TiledDepth;

    /// <summary>What a token by itself takes then.</summary>
    public static double Single(int depth) => SingleCost * (1 + depth / SingleDepth);

    /// <summary>
    /// Tokens of a chunk that nobody's token waits for: as many as take about so long, in whole tiles. Whoever comes meanwhile waits for no
    /// more than that; and since nothing of it is measured, equal requests have equal chunks.
    /// </summary>
    public int Chunk(int depth, TimeSpan time, int batchTokens)
    {
        if (!IsProcessor) return batchTokens;
        var fitting = time.TotalSeconds / (Seconds * Tiled(depth)) / PrefillPace.Tile;
        var tiles = (int)Math.Clamp(fitting, 1, Math.Max(1, batchTokens / PrefillPace.Tile));
        return tiles * PrefillPace.Tile > batchTokens - PrefillPace.Tile ? batchTokens : tiles * PrefillPace.Tile;
    }
}
