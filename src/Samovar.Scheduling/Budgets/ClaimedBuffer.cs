using System.Buffers;

namespace Samovar.Scheduling.Budgets;

/// <summary>
/// Bytes that are read piece by piece into one buffer: what it holds is claimed before it grows. Not for two threads at once.
/// </summary>
/// <remarks>
/// Tiny buffers are not claimed. Small ones are pooled; large ones are not: a pool would keep them, and nobody would count what it keeps.
/// </remarks>
/// <param name="claim">What the buffer is claimed by; null claims nowhere. The buffer is all that it claims.</param>
/// <param name="bytesMax">The most that it may hold, exactly.</param>
public sealed class ClaimedBuffer(ByteClaim? claim, int bytesMax) : IDisposable
{
    /// <summary>As few need no claim.</summary>
    public const int UnclaimedBytesMax = 4 << 10;
    private const int PooledBytesMax = 64 << 10, LittleBytes = 16 << 10;
    private byte[] _bytes = [];
    private int _claimed;
    private bool _isPooled;
    private bool _isDetached;

    /// <summary>Bytes that were read into it.</summary>
    public int Length { get; private set; }

    /// <summary>Where the next ones go; empty when it has to grow first.</summary>
    public Memory<byte> Free => _bytes.AsMemory(Length, Math.Min(_bytes.Length, bytesMax) - Length);

    /// <summary>What was read.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Whether it may not grow any more.</summary>
    public bool IsFull => Length == bytesMax;

    /// <summary>Counts bytes that were read into <see cref="Free"/>.</summary>
    public void Advance(int bytes) => Length += bytes;

    /// <summary>Makes room for more; false when no more can be claimed. Not for a full one.</summary>
    public bool TryGrow(int firstBytes)
    {
        var size = (int)Math.Min(Math.Max(firstBytes, 2L * _bytes.Length), bytesMax);
        var isPooled = size <= PooledBytesMax;
        var claimed = size > UnclaimedBytesMax ? size : 0;
        if (claimed > 0 && claim?.TrySet((long)_claimed + claimed) == false) return false; // both are held while one is copied
        var larger = isPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);
        Written.Span.CopyTo(larger);
        ReturnToPool();
        (_bytes, _isPooled, _claimed) = (larger, isPooled, claimed);
        if (claimed > 0) claim?.TrySet(claimed);
        return true;
    }

    /// <summary>Forgets the first bytes and moves the others to the start; a large buffer that holds little then is given back.</summary>
    public void Drop(int bytes)
    {
        Length -= bytes;
        var left = _bytes.AsSpan(bytes, Length);
        if (_isPooled || _bytes.Length == 0 || Length > LittleBytes)
        {
            left.CopyTo(_bytes);
            return;
        }
        var small = ArrayPool<byte>.Shared.Rent(LittleBytes);
        left.CopyTo(small);
        (_bytes, _isPooled, _claimed) = (small, true, LittleBytes);
        claim?.TrySet(LittleBytes);
    }

    /// <summary>Moves some of its bytes to an earlier place, behind a byte that separates them from what is there.</summary>
    public void Move(int from, int length, int to, byte separator)
    {
        _bytes.AsSpan(from, length).CopyTo(_bytes.AsSpan(to));
        _bytes[to - 1] = separator;
    }

    /// <summary>All of it, in memory that is the caller's, without much that is unused. The buffer ends with it; the claim stays.</summary>
    public ReadOnlyMemory<byte> Detach()
    {
        var whole = Written;
        if (_isPooled || !IsTight && claim?.TrySet((long)_bytes.Length + Length) != false) whole = Written.ToArray();
        if (_isPooled) ReturnToPool();
        (_bytes, _isPooled, _isDetached, Length) = ([], false, true, 0);
        return whole;
    }

    /// <summary>Frees the buffer and what it claimed.</summary>
    public void Dispose()
    {
        ReturnToPool();
        (_bytes, _isPooled, _claimed, Length) = ([], false, 0, 0);
        if (!_isDetached) claim?.TrySet(0);
    }

    private bool IsTight => _bytes.Length - Length <= _bytes.Length / 8;

    private void ReturnToPool()
    {
        if (_isPooled) ArrayPool<byte>.Shared.Return(_bytes);
    }
}
