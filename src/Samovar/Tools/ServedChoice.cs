using System.Globalization;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Tools;

/// <summary>Which tools a round may or must call: what a request says of tools that run here, said of the functions that stand for
/// them.</summary>
internal static class ServedChoice
{
    /// <summary>The request as a round's backend gets it.</summary>
    /// <inheritdoc cref="Of"/>
    public static CreateRequest Applied(CreateRequest request, ToolOffer offer, bool isFirst, bool isLast) => request with
    {
        ToolChoice = Of(request.ToolChoice, offer, isFirst, isLast),
        Fields = [.. request.Fields.Where(static field => field.Key is not ("tool_choice" or "tools" or "max_tool_calls"))],
    };

    /// <summary>The request with what is left of its output, also where it goes on as it came.</summary>
    public static CreateRequest Bounded(CreateRequest request, int tokensMax) => request with
    {
        MaxOutputTokens = tokensMax,
        Fields = [.. request.Fields.Where(static field => field.Key != "max_output_tokens"),
            new("max_output_tokens", RawJson.Of(tokensMax.ToString(CultureInfo.InvariantCulture)))],
    };

    /// <param name="choice">The request's.</param>
    /// <param name="offer">What may be called.</param>
    /// <param name="isFirst">Whether it is the first round: what is demanded is demanded once.</param>
    /// <param name="isLast">Whether nothing runs here any more: then only the client's own tools may be called.</param>
    private static ToolChoice Of(ToolChoice choice, ToolOffer offer, bool isFirst, bool isLast)
    {
        var known = Known(choice, offer);
        if (isLast) return WithoutServed(known, offer);
        if (isFirst) return known;
        return known switch
        {
            ToolChoice.Allowed allowed => allowed with { MustCall = false },
            ToolChoice.Required or ToolChoice.Named => ToolChoice.Default,
            _ => known,
        };
    }

    private static ToolChoice Known(ToolChoice choice, ToolOffer offer) => choice switch
    {
        ToolChoice.Allowed allowed => allowed with { Tools = [.. allowed.Tools.SelectMany(tool => Known(tool, offer))] },
        ToolChoice.Other { Type: "mcp" } other => OfServer(other.Json, offer),
        ToolChoice.Other { Type: "web_search" or "web_search_preview" } when offer.Find(null, ServedCall.SearchName) is { } search =>
            Named(search),
        _ => choice,
    };

    private static ToolChoice OfServer(RawJson choice, ToolOffer offer)
    {
        var label = choice.Text("server_label"u8);
        var name = choice.Text("name"u8);
        var meant = offer.Served.Where(tool => tool.Search is null && tool.Server.Label == label && (name is null || tool.Name == name));
        ToolChoice.Named[] tools = [.. meant.Select(Named)];
        return tools switch
        {
            [] => throw new ApiException(Errors.UnsupportedValue, name ?? label ?? "mcp", "tool_choice"),
            [var only] => only,
            _ => new ToolChoice.Allowed(MustCall: true, tools) { Json = choice },
        };
    }

    private static IEnumerable<ToolChoice.Named> Known(ToolChoice.Named tool, ToolOffer offer) => tool.Type switch
    {
        "mcp" => offer.Served.Where(served => served.Search is null
            && served.Server.Label == (tool.Json.Text("server_label"u8) ?? tool.Name)
            && (tool.Json.Text("name"u8) is not { } name || served.Name == name)).Select(Named),
        "web_search" or "web_search_preview" => offer.Served.Where(static served => served.Search is not null).Select(Named),
        _ => [tool],
    };

    private static ToolChoice.Named Named(ServedTool tool) => new("function", tool.FlatName);

    private static ToolChoice WithoutServed(ToolChoice choice, ToolOffer offer)
    {
        var served = offer.Served.Select(static tool => tool.FlatName).ToHashSet(StringComparer.Ordinal);
        IEnumerable<ToolChoice.Named> own = choice switch
        {
            ToolChoice.None => [],
            ToolChoice.Allowed allowed => allowed.Tools,
            _ => offer.Tools.Tools.SelectMany(Names),
        };
        ToolChoice.Named[] left = [.. own.Where(tool => !served.Contains(tool.Name))];
        return left.Length == 0 ? new ToolChoice.None() : new ToolChoice.Allowed(MustCall: false, left);
    }

    private static IEnumerable<ToolChoice.Named> Names(Tool tool) => tool switch
    {
        Tool.Function function => [new("function", function.Name)],
        Tool.Custom custom => [new("custom", custom.Name)],
        Tool.Namespace group => group.Tools.SelectMany(Names).Select(one => one with { Name = $"{group.Name}__{one.Name}" }),
        _ => [],
    };
}
