using System.Buffers;

namespace Samovar.Protocol.Ids;

/// <summary>Names one response in a chain. On the wire: <c>resp_…</c>.</summary>
public readonly record struct ResponseId(string Value)
{
    public const string Prefix = "resp_";

    public static ResponseId New(IdSource ids) => new(Prefix + ids.Next());
    public override string ToString() => Value;
}

/// <summary>Names one conversation. On the wire: <c>conv_…</c>.</summary>
public readonly record struct ConversationId(string Value)
{
    public static ConversationId New(IdSource ids) => new("conv_" + ids.Next());
    public override string ToString() => Value;
}

/// <summary>Names a start of conversations that is kept warm. On the wire: <c>prefix_…</c>.</summary>
public readonly record struct PrefixId(string Value)
{
    public const string Prefix = "prefix_";

    public override string ToString() => Value;
}

/// <summary>Names one item. On the wire the prefix says its kind: <c>msg_</c>, <c>rs_</c>, <c>fc_</c>, <c>ctc_</c>.</summary>
public readonly record struct ItemId(string Value)
{
    public static ItemId New(string prefix, IdSource ids) => new(prefix + ids.Next());
    public override string ToString() => Value;
}

/// <summary>Ties a tool call to its output. On the wire: <c>call_…</c>.</summary>
public readonly record struct CallId(string Value)
{
    public static CallId New(IdSource ids) => new("call_" + ids.Next());
    public override string ToString() => Value;
}

/// <summary>Names what a client said to steer a running response. On the wire: <c>steer_…</c>.</summary>
public readonly record struct SteerId(string Value)
{
    private const int CharsMax = 32; // as the public protocol has it

    public static SteerId New(IdSource ids) => ids.Next() is { Length: > CharsMax } longer ? new("steer_" + longer[..CharsMax])
        : new("steer_" + ids.Next());
    public override string ToString() => Value;
}

/// <summary>A named FIFO on a connection (<c>stream_id</c>), or the default lane.</summary>
public readonly record struct LaneId(string? Name)
{
    public static readonly LaneId Default = new(null);

    /// <summary>The longest name.</summary>
    public const int NameCharsMax = 256;
    private static readonly SearchValues<char> NameChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    public bool IsDefault => Name is null;

    /// <summary>Whether a client may call a lane so.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= NameCharsMax && !name.AsSpan().ContainsAnyExcept(NameChars);
    public override string ToString() => Name ?? "(default)";
}

/// <summary>Whose data something is. Nothing is ever looked up without it.</summary>
public readonly record struct TenantId(string Value)
{
    /// <summary>The one tenant of a server without keys.</summary>
    public static readonly TenantId Local = new("local");
    public override string ToString() => Value;
}
