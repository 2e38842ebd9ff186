namespace Samovar.Protocol.Json;

/// <summary>Bounds of what is read from outside. A value beyond one is answered with an error that names the field.</summary>
public sealed record ProtocolLimits
{
    public static readonly ProtocolLimits Default = new();

    /// <summary>For what an upstream sent: its events echo a request inside their response, and so nest deeper than it.</summary>
    internal static readonly ProtocolLimits Peer = new() { DepthMax = Default.DepthMax + 16, ChecksValues = false };

    private static readonly ProtocolLimits UncheckedPeer = Peer with { ChecksValues = false };

    /// <summary>For what was read under bounds before.</summary>
    internal static readonly ProtocolLimits None = new()
    {
        FrameBytesMax = int.MaxValue, DepthMax = int.MaxValue, ToolsMax = int.MaxValue, TextCharsMax = int.MaxValue,
        NameCharsMax = int.MaxValue, ChecksValues = false, FieldsMax = int.MaxValue, InputItemsMax = int.MaxValue,
        PartsMax = int.MaxValue, IncludeMax = int.MaxValue, StopsMax = int.MaxValue, ToolNameCharsMax = int.MaxValue,
        BiasesMax = int.MaxValue, TemplateVariablesMax = int.MaxValue, TemplateVariablesBytesMax = int.MaxValue,
    };

    /// <summary>Bytes of one frame or request body.</summary>
    public int FrameBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Levels of nesting of the whole JSON text.</summary>
    public int DepthMax { get; init; } = 64;

    /// <summary>Levels that an event has around what a response says again of its request.</summary>
    private const int EchoLevels = 1;

    /// <summary>
    /// For requests: what is accepted nests no deeper in any answer than <see cref="DepthMax"/>, which is as deep as many clients read.
    /// </summary>
    public ProtocolLimits ForRequests() => this with { DepthMax = DepthMax - EchoLevels };

    /// <summary>Top-level fields of a request, known or not.</summary>
    public int FieldsMax { get; init; } = 256;

    /// <summary>Items of one request.</summary>
    public int InputItemsMax { get; init; } = 65_536;

    /// <summary>Parts of one message, of one tool output, of one reasoning item.</summary>
    public int PartsMax { get; init; } = 4096;

    /// <summary>Tools in one list; a namespace counts as one and bounds its own list.</summary>
    public int ToolsMax { get; init; } = 2048;

    /// <summary>Entries of <c>include</c>.</summary>
    public int IncludeMax { get; init; } = 32;

    /// <summary>Texts that an answer may end before.</summary>
    public int StopsMax { get; init; } = 16;

    /// <summary>Rules of <c>context_management</c>.</summary>
    public int ManagementRulesMax { get; init; } = 16;

    /// <summary>Characters of one text: instructions, a message part, arguments, an output.</summary>
    public int TextCharsMax { get; init; } = 10_485_760;

    /// <summary>Characters of one name or id.</summary>
    public int NameCharsMax { get; init; } = 512;

    /// <summary>Characters of a tool's name, as function calling has it.</summary>
    public int ToolNameCharsMax { get; init; } = 64;

    /// <summary>Characters of <c>safety_identifier</c>, as the public service has it.</summary>
    public int SafetyIdentifierCharsMax { get; init; } = 64;

    /// <summary>Tokens that one request weighs up or down.</summary>
    public int BiasesMax { get; init; } = 1024;

    /// <summary>Variables that one request sets in the model's chat template.</summary>
    public int TemplateVariablesMax { get; init; } = 32;

    /// <summary>Bytes of their JSON.</summary>
    public int TemplateVariablesBytesMax { get; init; } = 16 * 1024;

    /// <summary>Whether words, and the letters of names, are checked: not in what an upstream says, nor in what was checked
    /// before.</summary>
    internal bool ChecksValues { get; init; } = true;

    /// <summary>The same for what somebody else has said, whose words are his own.</summary>
    internal ProtocolLimits Unchecked =>
        !ChecksValues ? this : ReferenceEquals(this, Peer) ? UncheckedPeer : this with { ChecksValues = false };

    public int MetadataPairsMax { get; init; } = 16;
    public int MetadataKeyCharsMax { get; init; } = 64;
    public int MetadataValueCharsMax { get; init; } = 512;

    /// <summary>The smallest <c>max_output_tokens</c>, as the public service has it.</summary>
    public int OutputTokensMin { get; init; } = 16;
}
