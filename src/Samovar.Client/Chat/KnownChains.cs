namespace Samovar.Client.Chat;

/// <summary>Conversations that were used lately, by the response that they stand at: so much of them is kept, and no more.</summary>
internal sealed class KnownChains(long bytesMax)
{
    private const int CountMax = 256;
    private readonly LinkedList<Known> _byAge = new();
    private readonly Dictionary<string, LinkedListNode<Known>> _byId = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>A conversation that stands at the response: its own lane where nobody else goes on with it, else a fork.</summary>
    public ResponsesLane Take(ResponsesConnection connection, string responseId)
    {
        lock (_byId)
        {
            if (!_byId.TryGetValue(responseId, out var found)) return connection.Continue(responseId);
            var known = found.Value;
            var lane = known.Lane is { } own && own.NewestId == responseId ? own : connection.Continue(known.Result);
            found.Value = known with { Lane = null };
            return lane;
        }
    }

    public void Keep(ResponsesLane lane)
    {
        if (lane.Newest is not { } result) return;
        lock (_byId)
        {
            Forget(result.Id);
            _byId[result.Id] = _byAge.AddLast(new Known(result, lane));
            _bytes += result.Node.Bytes;
            while (_byAge.First is { } eldest && (_byId.Count > CountMax || _bytes > bytesMax && _byId.Count > 1))
                Forget(eldest.Value.Result.Id);
        }
    }

    private void Forget(string id)
    {
        if (!_byId.Remove(id, out var node)) return;
        _byAge.Remove(node);
        _bytes -= node.Value.Result.Node.Bytes;
    }

    private sealed record Known(ResponseResult Result, ResponsesLane? Lane);
}
