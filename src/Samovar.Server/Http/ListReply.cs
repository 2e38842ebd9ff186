using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Samovar.Budgets;
using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;

namespace Samovar.Server.Http;

/// <summary>One page of a list while it is put together, entry by entry. It counts among what readers have not taken yet.</summary>
/// <remarks>A page that has become large is full: whoever asks for it reads no more for it, and says that more follows.</remarks>
internal sealed class ListReply : IDisposable
{
    private const int PagesOfShare = 4; // so that an idle server has room for any page

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;
    private readonly MemoryShares _memory;
    private readonly ByteClaim _room;
    private readonly long _bytesMax;
    private readonly bool _mayRefuse;
    private string? _first, _last;

    /// <param name="memory">What it counts in.</param>
    /// <param name="flow">Whose reply it is.</param>
    /// <param name="options">How large it may become.</param>
    /// <param name="mayRefuse">False where it says what was done: that is not refused any more.</param>
    public ListReply(MemoryShares memory, FlowId flow, HttpOptions options, bool mayRefuse = true)
    {
        (_memory, _room, _mayRefuse) = (memory, new ByteClaim(memory.Logs, flow), mayRefuse);
        _bytesMax = Math.Min(options.ListBytesMax, memory.Logs.Share.BytesMax / PagesOfShare);
        _json = new Utf8JsonWriter(_buffer, JsonReply.Plainly);
        _json.WriteStartObject();
        _json.WriteString("object"u8, "list"u8);
        _json.WriteStartArray("data"u8);
    }

    public bool IsFull => _first is not null && _json.BytesCommitted + _json.BytesPending >= _bytesMax;

    /// <exception cref="Samovar.Protocol.Errors.ApiException">There is no room for it.</exception>
    public void Add(string id, Action<Utf8JsonWriter> write)
    {
        write(_json);
        (_first, _last) = (_first ?? id, id);
        if (!_room.TrySet(_json.BytesCommitted + _json.BytesPending) && _mayRefuse) throw _memory.NoRoom();
    }

    /// <param name="empty">What stands for the ids of an empty page.</param>
    public Task WriteAsync(HttpContext http, bool hasMore, string? empty)
    {
        _json.WriteEndArray();
        _json.WriteString("first_id"u8, _first ?? empty);
        _json.WriteString("last_id"u8, _last ?? empty);
        _json.WriteBoolean("has_more"u8, hasMore);
        _json.WriteEndObject();
        _json.Flush();
        return JsonReply.WriteAsync(http, StatusCodes.Status200OK, _buffer.WrittenMemory);
    }

    public void Dispose()
    {
        _json.Dispose();
        _room.Dispose();
    }
}
