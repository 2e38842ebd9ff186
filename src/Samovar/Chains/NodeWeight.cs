using System.Runtime.InteropServices;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Chains;

/// <summary>Counts the memory that a response's node holds beyond its parent's, on the safe side.</summary>
/// <remarks>
/// Buffers count whole and once, whatever part of them is in use. A text that was read takes at most two bytes for each byte of its
/// JSON.
/// </remarks>
internal sealed class NodeWeight
{
    private const int NodeBytes = 3072; // the node, its response, its request, its entries in stores and ledgers
    private const int ItemBytes = 512; // an item's own objects and its places in indexes
    private const int CopyBytes = 384; // the pieces around an item's own text, its place in lists
    private const int TextFactor = 2;

    private HashSet<byte[]>? _buffers; // beside the first: most requests lie in one
    private byte[]? _first;
    private long _bytes = NodeBytes;

    /// <param name="request">The request as it was read.</param>
    /// <param name="settings">Its settings, sharing what they repeat of its parent's.</param>
    /// <param name="input">Its items, references resolved.</param>
    /// <param name="parent">The response that is continued.</param>
    public static long Of(CreateRequest request, CreateRequest settings, IReadOnlyList<Item> input, ChainNode? parent)
    {
        var weight = new NodeWeight();
        weight.Add(input);
        if (!ReferenceEquals(settings, parent?.Response.Request)) weight.AddSettings(request, settings, parent?.Response);
        return weight._bytes;
    }

    /// <summary>What a response brings beside its request.</summary>
    public static long Of(IReadOnlyList<Item> output, BackendState? state)
    {
        var weight = new NodeWeight { _bytes = state?.Bytes ?? 0 };
        weight.Add(output);
        return weight._bytes;
    }

    /// <summary>A stored response as it was read again, its settings sharing what they repeat of its parent's.</summary>
    public static long OfStored(IReadOnlyList<Item> input, Response response, BackendState? state, ChainNode? parent)
    {
        var weight = new NodeWeight();
        weight.Add(input);
        weight.Add(response.Output);
        var settings = response.Request;
        if (!ReferenceEquals(settings, parent?.Response.Request)) weight.AddSettings(settings, settings, parent?.Response);
        var copies = state?.CopiesItems == true ? OfCopies(input) + OfCopies(response.Output) : 0;
        return weight._bytes + (state?.Bytes ?? 0) + copies;
    }

    /// <summary>What items hold that a backend keeps once more in its own words.</summary>
    public static long OfCopies(IReadOnlyList<Item> items) =>
        items.Sum(static item => CopyBytes + item.Json.Utf8.Length + (long)item.Json.Utf8.Length / 4);

    private void Add(IReadOnlyList<Item> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            AddBuffer(item.Json);
            _bytes += ItemBytes + TextFactor * (long)item.Json.Utf8.Length;
            if (item is AdditionalToolsItem more) Add(more.Tools);
            else if (ServerItems.Is(item)) _bytes += 2 * ItemBytes + (1 + TextFactor) * (long)item.Json.Utf8.Length; // as backends see it
        }
    }

    private void Add(ToolList list)
    {
        AddBuffer(list.Json);
        _bytes += ItemBytes * (1L + list.Tools.Count) + TextFactor * (long)list.Json.Utf8.Length;
    }

    private void AddSettings(CreateRequest request, CreateRequest settings, Response? before)
    {
        if (settings.Tools is { } tools && !ReferenceEquals(tools, before?.Tools)) Add(tools);
        if (!ReferenceEquals(settings.Instructions, before?.Instructions))
            _bytes += sizeof(char) * (long)(settings.Instructions?.Length ?? 0);
        AddBuffer(settings.Metadata);
        AddBuffer(settings.ToolChoice.Json);
        if (settings.Format is TextFormat.JsonSchema format) AddBuffer(format.Schema);
        foreach (var (name, value) in request.Fields)
            if (name is not ("input" or "tools" or "instructions")) _bytes += TextFactor * (long)value.Utf8.Length;
    }

    private void AddBuffer(RawJson json)
    {
        if (!MemoryMarshal.TryGetArray(json.Utf8, out var slice) || slice.Array is not { } whole) _bytes += json.Utf8.Length;
        else if (IsNew(whole)) _bytes += whole.Length;
    }

    private bool IsNew(byte[] buffer)
    {
        if (ReferenceEquals(buffer, _first)) return false;
        if (_first is not null) return (_buffers ??= new(ReferenceEqualityComparer.Instance)).Add(buffer);
        _first = buffer;
        return true;
    }
}
