using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>The tools of a request: what was sent, byte for byte, and what Samovar reads of it.</summary>
public sealed record ToolList(IReadOnlyList<Tool> Tools, RawJson Json)
{
    public static readonly ToolList Empty = new([], RawJson.Of("[]"));

    /// <summary>The same tools without the frame they came in, see <see cref="RawJson.Detach"/>.</summary>
    public ToolList Detach(long used = 0)
    {
        var json = Json.Detach(used);
        return json.Utf8.Equals(Json.Utf8) && !HasUnkept ? this : MovedTo(json, Json);
    }

    /// <summary>Whether the request said more of a tool than is kept or shown.</summary>
    public bool HasUnkept => Tools.Any(static tool => tool is Tool.Other { Sent: not null });

    /// <summary>The array as the request had it.</summary>
    public RawJson SentJson => !HasUnkept ? Json : new(JsonBuffer.Bytes(Tools, static (writer, tools) =>
    {
        writer.WriteStartArray();
        foreach (var tool in tools) tool.SentJson.WriteTo(writer);
        writer.WriteEndArray();
    }));

    /// <summary>Whether the conversation goes on while a call of that name has no output.</summary>
    public bool IsAsync(string name, string? @namespace)
    {
        var tools = @namespace is null ? Tools
            : Tools.OfType<Tool.Namespace>().FirstOrDefault(group => group.Name == @namespace)?.Tools ?? [];
        return tools.Any(tool => tool.CallName == name && tool.IsCalledAsync);
    }

    /// <summary>Whether any of them is called so.</summary>
    public bool HasAsync => Tools.Any(static tool =>
        tool.IsCalledAsync || tool is Tool.Namespace group && group.Tools.Any(static one => one.IsCalledAsync));

    /// <summary>The same tools as slices of a copy of the text that they are slices of.</summary>
    internal ToolList MovedTo(RawJson copy, RawJson whole) =>
        new([.. Tools.Select(tool => tool.MovedTo(copy, whole))], Json.MovedTo(copy, whole));
}

/// <summary>Something the model may call.</summary>
public abstract record Tool
{
    private Tool() { }
    public required RawJson Json { get; init; }
    public abstract string Type { get; }

    /// <summary>What calls name it by; null where it is hosted.</summary>
    public string? CallName => this switch
    {
        Function function => function.Name,
        Custom custom => custom.Name,
        Namespace group => group.Name,
        _ => null,
    };

    /// <summary>The tool as the request had it.</summary>
    public RawJson SentJson => this is Other { Sent: { } sent } ? sent.Json : Json;

    /// <summary>Whether the conversation goes on while a call of it has no output.</summary>
    internal bool IsCalledAsync => this is Function { IsAsync: true } or Custom { IsAsync: true };

    internal Tool MovedTo(RawJson copy, RawJson whole) => this switch
    {
        Function function => function with
        {
            Json = Json.MovedTo(copy, whole), Parameters = function.Parameters.MovedTo(copy, whole),
            Handling = function.Handling?.MovedTo(copy, whole),
        },
        Namespace group => group with
        {
            Json = Json.MovedTo(copy, whole), Tools = [.. group.Tools.Select(tool => tool.MovedTo(copy, whole))],
        },
        Other other => other with { Json = Json.MovedTo(copy, whole), Sent = null }, // what is moved is kept
        _ => this with { Json = Json.MovedTo(copy, whole) },
    };

    /// <param name="Parameters">JSON Schema, empty when omitted.</param>
    public sealed record Function(string Name, string? Description, RawJson Parameters, bool? Strict) : Tool
    {
        public override string Type => "function";

        /// <summary>What the tool itself says of how it is handled; null: nothing.</summary>
        public ToolHandling? Handling { get; init; }

        /// <summary>Whether the conversation goes on while a call of it has no output.</summary>
        public bool IsAsync { get; init; }
    }

    /// <param name="Grammar">The format's definition (lark or regex), where given.</param>
    public sealed record Custom(string Name, string? Description, string? Syntax, string? Grammar) : Tool
    {
        public override string Type => "custom";

        /// <inheritdoc cref="Function.IsAsync"/>
        public bool IsAsync { get; init; }
    }

    public sealed record Namespace(string Name, string? Description, IReadOnlyList<Tool> Tools) : Tool
    {
        public override string Type => "namespace";
    }

    public sealed record Other(string Kind) : Tool
    {
        public override string Type => Kind;

        /// <summary>The tool with its secrets, as the request had it; null where it has none.</summary>
        public UnkeptJson? Sent { get; init; }
    }
}

/// <summary>Which tool the model may or must call.</summary>
public abstract record ToolChoice
{
    private static readonly RawJson AutoJson = RawJson.Of("\"auto\"");
    public static readonly ToolChoice Default = new Auto();

    private ToolChoice() { }

    /// <summary>As the request has it, for the echo; <c>"auto"</c> when omitted.</summary>
    public RawJson Json { get; init; } = AutoJson;

    /// <summary>The same without the frame it came in, see <see cref="RawJson.Detach"/>.</summary>
    public ToolChoice Detach(long used = 0) => this is Allowed allowed
        ? allowed with { Json = Json.Detach(used), Tools = [.. allowed.Tools.Select(tool => tool with { Json = tool.Json.Detach(used) })] }
        : this with { Json = Json.Detach(used) };

    /// <summary>Whether the model has to call something.</summary>
    public bool ForcesCall => this is Required or Named or Allowed { MustCall: true };

    public sealed record Auto : ToolChoice;
    public sealed record None : ToolChoice;
    public sealed record Required : ToolChoice;

    /// <summary>One tool by name: <c>function</c> or <c>custom</c>.</summary>
    public sealed record Named(string Type, string Name) : ToolChoice;

    /// <summary>A hard limit on what may be called, while the prompt keeps all tools.</summary>
    public sealed record Allowed(bool MustCall, IReadOnlyList<Named> Tools) : ToolChoice;

    /// <summary>A hosted tool or a kind not known here.</summary>
    public sealed record Other(string Type) : ToolChoice;
}
