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
    /// <summary>The settings and the items of a request as its response keeps them.</summary>
    /// <param name="request">As it was read.</param>
    /// <param name="input">Its items, references resolved.</param>
    /// <param name="parent">The response that is continued.</param>
    public static (CreateRequest Settings, IReadOnlyList<Item> Input) With(
        CreateRequest request, IReadOnlyList<Item> input, Response? parent)
    {
        var used = Bytes(input);
        if (parent is not null && request.HasSettingsOf(parent.Request)) return (parent.Request, Detach(input, used));
        var tools = parent is not null && request.Tools is { } own && own.Json == parent.Tools.Json ? parent.Tools : request.Tools;
        if (tools is not null && !ReferenceEquals(tools, parent?.Tools)) used += tools.Json.Utf8.Length;
        var settings = request.Settings() with
        {
            Tools = ReferenceEquals(tools, parent?.Tools) ? tools : tools?.Detach(used),
            Instructions = request.Instructions == parent?.Instructions ? parent?.Instructions : request.Instructions,
            Metadata = Shared(request.Metadata, parent?.Request.Metadata, used),
            ToolChoice = parent is not null && request.ToolChoice.Json == parent.Request.ToolChoice.Json
                ? parent.Request.ToolChoice : request.ToolChoice.Detach(used),
            Format = Shared(request.Format, parent?.Request.Format, used),
        };
        return (settings, Detach(input, used));
    }

    private static long Bytes(IReadOnlyList<Item> items)
    {
        var bytes = 0L;
        for (var i = 0; i < items.Count; i++) bytes += items[i].Json.Utf8.Length;
        return bytes;
    }

    /// <summary>Items that a backend made, without what they were read from.</summary>
    public static IReadOnlyList<Item> Detach(IReadOnlyList<Item> items, long used = 0)
    {
        Item[]? detached = null;
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i].Detach(used);
            if (ReferenceEquals(item, items[i])) continue;
            if (items.Count == 1) return [item];
            detached ??= [.. items];
            detached[i] = item;
        }
        return detached ?? items;
    }

    private static RawJson Shared(RawJson json, RawJson? parents, long used) =>
        parents is { } before && json == before ? before : json.Detach(used);

    private static TextFormat Shared(TextFormat format, TextFormat? parents, long used) => parents is not null && format.Equals(parents)
        ? parents : format is TextFormat.JsonSchema schema ? schema with { Schema = schema.Schema.Detach(used) } : format;
}
