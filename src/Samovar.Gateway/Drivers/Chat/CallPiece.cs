using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>What a piece of a call says of itself; empty texts say nothing.</summary>
/// <param name="Index">As the upstream counts.</param>
/// <param name="Place">Where it is in a whole message; null in a delta.</param>
/// <param name="Arguments">As text, or as the object itself.</param>
/// <param name="Extra">What is said beside the call.</param>
internal readonly record struct CallPiece(int? Index, int? Place, string? Id, string? Name, string Arguments, RawJson Extra)
{
    public static CallPiece Of(RawJson json, int? place)
    {
        var function = Function(json);
        var (id, name) = (Said(json.Text("id"u8)), Said(function.Text("name"u8)?.Trim()));
        return new CallPiece(
            WholeNumber.Of(json, "index"u8), place, id, name, ArgumentsOf(function), json.Field("extra_content"u8));
    }

    /// <summary>What tells the calls of an answer apart, where anything does.</summary>
    public int? Number => Index ?? Place;

    /// <summary>Whether nothing says whose arguments they are, but where the piece stands.</summary>
    public bool IsBare => Number is null && Id is null && Name is null;

    private static string? Said(string? text) => text is { Length: > 0 } ? text : null;

    private static RawJson Function(RawJson json)
    {
        var inner = json.Field("function"u8);
        if (!inner.IsSet()) inner = json.Field("custom"u8);
        return inner.IsObject ? inner : json; // its fields stand in the piece itself
    }

    private static string ArgumentsOf(RawJson function)
    {
        var arguments = function.Field("arguments"u8);
        if (!arguments.IsSet()) arguments = function.Field("input"u8);
        if (!arguments.IsSet()) arguments = function.Field("parameters"u8);
        if (!arguments.IsSet()) arguments = function.Field("args"u8);
        return arguments.IsSet() ? arguments.AsPiece() ?? arguments.ToString() : "";
    }
}
