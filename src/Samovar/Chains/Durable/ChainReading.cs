using System.Diagnostics.CodeAnalysis;
using Samovar.Chains.Packing;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Stores;

namespace Samovar.Chains.Durable;

/// <summary>Reads stored chains back into memory, from the response that is asked for to the nearest one that is there.</summary>
/// <remarks>
/// Whoever asks for a response that is being read waits for the same reading; it ends when nobody waits any more. Readings of one tree of
/// responses come one behind the other, so what two forks share is read once.
/// </remarks>
/// <param name="bytesMax">Bytes of memory that a chain may hold: a larger one, which should not be there, is read no further.</param>
internal sealed class ChainReading(
    IChainRows rows, ChainCache nodes, IStatePacking? states, ChainMetrics metrics, TimeProvider time, long bytesMax)
{
    /// <summary>Of one tenant at once: a flood of long chains that are not in memory keeps its own tenant waiting.</summary>
    private const int AtOnceMax = 4;

    private readonly Lock _gate = new();
    private readonly TenantPlaces _places = new(AtOnceMax);
    private readonly Dictionary<(TenantId, ResponseId), Reading> _running = [];
    private readonly Dictionary<(TenantId, ResponseId), Task> _trees = []; // by root: the reading that came last

    /// <summary>The response, findable in memory from now on; null where the store has none.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="id">Its id.</param>
    /// <param name="known">The node, where the caller has it and only asks whether it is still stored.</param>
    /// <param name="caller">Whoever asks.</param>
    public async Task<ChainNode?> FindAsync(TenantId tenant, ResponseId id, ChainNode? known, CancellationToken caller)
    {
        var reading = Join(tenant, id, known);
        try
        {
            return await reading.Result.WaitAsync(caller);
        }
        finally
        {
            Leave(reading);
        }
    }

    /// <summary>A conversation's newest row, which nobody else may find. It is not kept here, but for what others continue.</summary>
    public async Task<ChainNode?> FindHeadAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        var reading = new Reading(tenant, id, known: null) { IsHead = true };
        using var gone = caller.UnsafeRegister(static reading => ((Reading)reading!).NobodyWaits.Cancel(), reading);
        await Task.Yield(); // as above
        try
        {
            return await FindNodeAsync(reading);
        }
        catch (InvalidDataException broken)
        {
            throw Unreadable(id, broken);
        }
    }

    /// <summary>A response by its row alone; null where the store has none, or where it is told by the chain before it.</summary>
    public async Task<Response?> FindResponseAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        if (await rows.Spans.DepthAsync(tenant, id, isHead: false, caller) is not { } depth) return null;
        var found = await rows.Spans.ReadAsync(tenant, id, depth, depth, caller);
        if (found is not [var row] || row.Id != id || row.Tenant != tenant) return null;
        try
        {
            return ChainPacking.ResponseOf(row);
        }
        catch (InvalidDataException broken)
        {
            throw Unreadable(id, broken);
        }
    }

    /// <summary>The response is deleted: a reading that has seen it before finds nothing, either.</summary>
    /// <returns>Whether it could be found in memory.</returns>
    public bool Remove(TenantId tenant, ResponseId id)
    {
        lock (_gate)
        {
            if (_running.GetValueOrDefault((tenant, id)) is { } reading) reading.IsDeleted = true;
            return nodes.Remove(tenant, id);
        }
    }

    private Reading Join(TenantId tenant, ResponseId id, ChainNode? known)
    {
        lock (_gate)
        {
            if (!_running.TryGetValue((tenant, id), out var reading))
            {
                _running[(tenant, id)] = reading = new Reading(tenant, id, known);
                reading.Result = ReadAsync(reading); // leaves this thread, and the lock, before it does anything
            }
            reading.Waiting++;
            return reading;
        }
    }

    private void Leave(Reading reading)
    {
        var isLast = false;
        lock (_gate)
        {
            if (--reading.Waiting == 0) isLast = End(reading);
        }
        if (isLast) reading.NobodyWaits.Cancel();
    }

    private bool End(Reading reading) =>
        _running.GetValueOrDefault((reading.Tenant, reading.Id)) == reading && _running.Remove((reading.Tenant, reading.Id));

    private async Task<ChainNode?> ReadAsync(Reading reading)
    {
        await Task.Yield(); // much may be read: whoever asks must notice a client that leaves
        try
        {
            using var place = await _places.EnterAsync(reading.Tenant, reading.NobodyWaits.Token);
            return await FindNodeAsync(reading) is { } node ? Publish(reading, node) : null;
        }
        catch (InvalidDataException broken)
        {
            throw Unreadable(reading.Id, broken);
        }
        finally
        {
            lock (_gate) End(reading);
        }
    }

    private static ApiException Unreadable(ResponseId id, InvalidDataException broken) =>
        new(Errors.StoredUnreadable, [id, broken.Message], cause: broken);

    private ChainNode? Publish(Reading reading, ChainNode node)
    {
        lock (_gate) return reading.IsDeleted ? null : nodes.Add(node, out _);
    }

    private async Task<ChainNode?> FindNodeAsync(Reading reading)
    {
        var (tenant, read, begun) = (reading.Tenant, new List<ChainRow>(), time.GetTimestamp());
        var isDone = false;
        var packed = new PackedBytes(bytesMax);
        ChainNode? before = null;
        TaskCompletionSource? turn = null;
        try
        {
            await foreach (var row in rows.ReadAsync(tenant, reading.Id, reading.IsHead, reading.NobodyWaits.Token))
            {
                if (read.Count == 0 && (nodes.FindInMemory(tenant, row.Id) ?? reading.Known) is { } known)
                {
                    isDone = true;
                    return known;
                }
                Check(row, read.Count == 0 ? null : read[^1], reading);
                packed.Add(row);
                read.Add(row);
                if (row.Parent is not { } parent || TryFind(tenant, parent, out before)) break;
                if (read.Count == 1) turn = await WaitForTreeAsync(tenant, row.Root);
                if (TryFind(tenant, parent, out before)) break;
            }
            var node = read.Count == 0 ? null : Unpack(read, before);
            isDone = true;
            return node;
        }
        finally
        {
            if (read.Count > 0 || !isDone) metrics.Read(time.GetElapsedTime(begun), read.Count, isDone);
            if (turn is not null) EndTree(tenant, read[0].Root, turn);
        }
    }

    private bool TryFind(TenantId tenant, ResponseId id, [NotNullWhen(true)] out ChainNode? node) =>
        (node = nodes.FindInMemory(tenant, id)) is not null;

    private ChainNode Unpack(List<ChainRow> newestFirst, ChainNode? before)
    {
        if (before is null && newestFirst[^1].Parent is { } missing) throw new InvalidDataException($"'{missing}' before it is missing");
        for (var i = newestFirst.Count - 1; i >= 0; i--)
        {
            before = ChainPacking.Unpack(newestFirst[i], before, states);
            RequireSize(before.ChainBytes, bytesMax); // what is packed says nothing of what it becomes
        }
        return before!;
    }

    private static void RequireSize(long bytes, long bytesMax)
    {
        if (bytes > bytesMax) throw new ApiException(Errors.ChainTooLarge, [bytes, bytesMax]);
    }

    /// <summary>What a row says of its place must hold, or a chain would be continued that never was.</summary>
    private static void Check(ChainRow row, ChainRow? child, Reading reading)
    {
        var isInPlace = child is null ? row.Id == reading.Id
            : row.Id == child.Parent && row.Depth == child.Depth - 1 && row.Root == child.Root;
        if (!isInPlace || row.Tenant != reading.Tenant || (row.Parent is null) != (row.Depth == 1))
            throw new InvalidDataException($"the row of '{row.Id}' is out of place");
    }

    private async Task<TaskCompletionSource> WaitForTreeAsync(TenantId tenant, ResponseId root)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task? last;
        lock (_gate)
        {
            last = _trees.GetValueOrDefault((tenant, root));
            _trees[(tenant, root)] = mine.Task;
        }
        if (last is not null) await last;
        return mine;
    }

    private void EndTree(TenantId tenant, ResponseId root, TaskCompletionSource turn)
    {
        lock (_gate)
        {
            if (_trees.GetValueOrDefault((tenant, root)) == turn.Task) _trees.Remove((tenant, root));
        }
        turn.SetResult();
    }

    /// <summary>Bytes of rows that are read before any is unpacked; pieces that several name are there once.</summary>
    private sealed class PackedBytes(long bytesMax)
    {
        private readonly HashSet<string> _pieces = new(StringComparer.Ordinal);
        private long _bytes;

        public void Add(ChainRow row)
        {
            _bytes += row.Body.Length;
            foreach (var piece in row.Pieces)
                if (_pieces.Add(piece.Name)) _bytes += piece.Bytes.Length;
            RequireSize(_bytes, bytesMax);
        }
    }

    /// <summary>One response that is being read.</summary>
    private sealed class Reading(TenantId tenant, ResponseId id, ChainNode? known)
    {
        public TenantId Tenant { get; } = tenant;
        public ResponseId Id { get; } = id;
        public ChainNode? Known { get; } = known;
        public Task<ChainNode?> Result { get; set; } = null!;
        public CancellationTokenSource NobodyWaits { get; } = new(); // never disposed: it has no timer and no link
        public int Waiting { get; set; }
        public bool IsDeleted { get; set; }
        public bool IsHead { get; init; }
    }
}
