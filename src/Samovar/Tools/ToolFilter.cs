using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;

namespace Samovar.Tools;

/// <summary>Which tools of a server are meant.</summary>
/// <param name="Names">These; null: whatever their name.</param>
/// <param name="IsReadOnly">Those that say that they change nothing, or those that do not; null: both.</param>
internal sealed record ToolFilter(IReadOnlySet<string>? Names, bool? IsReadOnly)
{
    private const int NamesMax = 2048;

    public static readonly ToolFilter All = new(null, null);

    public bool Has(string name, bool isReadOnly) =>
        Names?.Contains(name) != false && (IsReadOnly is not { } wanted || wanted == isReadOnly);

    /// <param name="json">A list of names, or an object with <c>tool_names</c> and <c>read_only</c>; all where nothing is there.</param>
    /// <param name="param">Where it stands.</param>
    public static ToolFilter Read(RawJson json, string param)
    {
        if (json.IsEmpty || json.IsNull) return All;
        if (json.IsArray) return new(NamesOf(json, param), null);
        if (!json.IsObject) throw Wrong(param, "an array of names or an object");
        var (names, readOnly) = (json.Field("tool_names"u8), json.Field("read_only"u8));
        return new(names.IsEmpty || names.IsNull ? null : NamesOf(names, $"{param}.tool_names"), Flag(readOnly, $"{param}.read_only"));
    }

    private static HashSet<string> NamesOf(RawJson json, string param)
    {
        if (!json.IsArray) throw Wrong(param, "an array of names");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in json.ElementsOrSelf())
        {
            if (names.Count == NamesMax) throw new ApiException(Errors.ArrayTooLong, [param, NamesMax], param);
            names.Add(name.AsText() ?? throw Wrong(param, "an array of names"));
        }
        return names;
    }

    private static bool? Flag(RawJson json, string param) => json switch
    {
        { IsEmpty: true } or { IsNull: true } => null,
        _ when json.Utf8.Span.SequenceEqual("true"u8) => true,
        _ when json.Utf8.Span.SequenceEqual("false"u8) => false,
        _ => throw Wrong(param, "a boolean"),
    };

    internal static ApiException Wrong(string param, string expected) => new(Errors.InvalidType, [param, expected, "another value"], param);
}

/// <summary>Which calls the user has to approve: all but those that are said not to need it.</summary>
/// <param name="Never">Tools that run at once.</param>
/// <param name="AlwaysOf">Tools that do not, also where <paramref name="Never"/> has them; null: none.</param>
internal sealed record ApprovalRule(ToolFilter? Never, ToolFilter? AlwaysOf)
{
    public static readonly ApprovalRule Always = new(null, null);

    public bool IsNeeded(string name, bool isReadOnly) =>
        Never?.Has(name, isReadOnly) != true || AlwaysOf?.Has(name, isReadOnly) == true;

    /// <param name="json"><c>always</c>, <c>never</c>, or an object with filters of these names.</param>
    /// <param name="param">Where it stands.</param>
    public static ApprovalRule Read(RawJson json, string param)
    {
        if (json.IsEmpty || json.IsNull || json.Is("always"u8)) return Always;
        if (json.Is("never"u8)) return new(ToolFilter.All, null);
        if (!json.IsObject) throw ToolFilter.Wrong(param, "'always', 'never' or an object");
        var (always, never) = (json.Field("always"u8), json.Field("never"u8));
        return new(
            never.IsEmpty || never.IsNull ? null : ToolFilter.Read(never, $"{param}.never"),
            always.IsEmpty || always.IsNull ? null : ToolFilter.Read(always, $"{param}.always"));
    }
}
