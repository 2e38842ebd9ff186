using Samovar.Chains;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Turns;

/// <summary>
/// Keeps a chain's memory to what is new: what a request repeats of its parent's is the parent's, what it brings is cut loose from a frame
/// that was mostly something else.
/// </summary>
/// <remarks>
/// Agents send their tools and instructions with every frame: 19 KB beside a tool output of some hundred bytes. Equal means equal bytes.
/// </remarks>
internal static class Sharing
{
    /// <summary>The request and its items as the turn and its response hold them.</summary>
    /// <param name="request">As it was read.</param>
    /// <param name="input">Its items, references resolved.</param>
    /// <param name="parent">The response that is continued.</param>
    public static (CreateRequest Request, IReadOnlyList<Item> Input) With(
        CreateRequest request, IReadOnlyList<Item> input, Response? parent)
    {
        var shared = parent is null ? request : Share(request, parent);
        var used = Used(shared, input, parent);
        return (Detach(shared, parent, used), Detach(input, used));
    }

    /// <summary>The request as a kept response needs it: items stand in the node, fields and hints are for its own turn.</summary>
    public static CreateRequest Settled(CreateRequest request) => request with { Input = [], Fields = [], Hints = SessionHints.None };

    /// <summary>Items that a backend made, without what they were read from.</summary>
    public static IReadOnlyList<Item> Detach(IReadOnlyList<Item> items, long used = 0)
    {
        Item[]? detached = null;
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i].Detach(used);
            if (ReferenceEquals(item, items[i])) continue;
            detached ??= [.. items];
            detached[i] = item;
        }
        return detached ?? items;
    }

    private static CreateRequest Share(CreateRequest request, Response parent)
    {
        var before = parent.Request;
        return request with
        {
            Tools = request.Tools is { } tools && tools.Json == parent.Tools.Json ? parent.Tools : request.Tools,
            Instructions = request.Instructions == parent.Instructions ? parent.Instructions : request.Instructions,
            Metadata = request.Metadata == before.Metadata ? before.Metadata : request.Metadata,
            ToolChoice = request.ToolChoice.Json == before.ToolChoice.Json ? before.ToolChoice : request.ToolChoice,
            Format = request.Format.Equals(before.Format) ? before.Format : request.Format,
        };
    }

    /// <summary>Bytes of the request's own buffer that will be kept.</summary>
    private static long Used(CreateRequest request, IReadOnlyList<Item> input, Response? parent)
    {
        var used = input.Sum(item => (long)item.Json.Utf8.Length);
        if (request.Tools is { } tools && !ReferenceEquals(tools, parent?.Tools)) used += tools.Json.Utf8.Length;
        return used;
    }

    private static CreateRequest Detach(CreateRequest request, Response? parent, long used) => request with
    {
        Tools = ReferenceEquals(request.Tools, parent?.Tools) ? request.Tools : request.Tools?.Detach(used),
        Metadata = request.Metadata.Detach(used),
        ToolChoice = request.ToolChoice.Detach(used),
        Format = request.Format is TextFormat.JsonSchema schema ? schema with { Schema = schema.Schema.Detach(used) } : request.Format,
    };
}
