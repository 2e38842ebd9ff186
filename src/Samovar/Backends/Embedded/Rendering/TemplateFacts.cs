namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// What a chat template can do, found by asking it at load (<see cref="TemplateProbe"/>). The defaults are those of a template that can do
/// all.
/// </summary>
internal sealed record TemplateFacts
{
    /// <summary>Renders a system message at the start; else its text goes in front of the first user message.</summary>
    public bool SystemRole { get; init; } = true;

    /// <summary>Renders a system message between others; else it becomes a user message.</summary>
    public bool SystemLater { get; init; } = true;

    /// <summary>Renders a second system message right behind the first, where it renders them at all; else both become one.</summary>
    public bool SystemsInRow { get; init; } = true;

    /// <summary>Renders <c>tools</c>; else they are announced in the system text.</summary>
    public bool Tools { get; init; } = true;

    /// <summary>A call as it writes them, where it writes calls and has no place for tools; null elsewhere.</summary>
    public string? CallExample { get; init; }

    /// <summary>Writes the calls that become text; null for one that writes JSON objects between tags.</summary>
    public ICallWriter? CallWriter { get; init; }

    /// <summary>Renders calls and tool messages; else both become text.</summary>
    public bool Calls { get; init; } = true;

    /// <summary>Has a place for what tools return, though it may write no calls; else outputs become a user's text.</summary>
    public bool ToolRole { get; init; } = true;

    /// <summary>Takes calls only beside a thought.</summary>
    public bool CallsNeedThought { get; init; }

    /// <summary>Several calls in one message; else each becomes a message with its output behind it.</summary>
    public bool ParallelCalls { get; init; } = true;

    /// <summary>Text and calls in one message; else two.</summary>
    public bool TextWithCalls { get; init; } = true;

    /// <summary>Takes a call's arguments as the JSON text that was written; else as an object.</summary>
    public bool ArgumentsAsText { get; init; } = true;

    /// <summary>A message of calls alone has an empty content; else none.</summary>
    public bool EmptyContent { get; init; } = true;

    /// <summary>Takes only call ids of nine letters and digits.</summary>
    public bool ShortCallIds { get; init; }

    /// <summary>Writes a call by its id, which has to name the function: <c>functions.name:n</c>.</summary>
    public bool NamedCallIds { get; init; }

    /// <summary>Needs a tool's output to name the tool, though nobody knows which it was.</summary>
    public bool OutputsNeedName { get; init; }

    /// <summary>Fields of a tool's schema that it cannot do without.</summary>
    public SchemaFields SchemaFields { get; init; }

    /// <summary>Wants <c>tools</c> to be none where there are none; else the variable is left out.</summary>
    public bool ToolsAsNone { get; init; }

    /// <summary>Two user messages may follow each other; else they become one.</summary>
    public bool UsersInRow { get; init; } = true;

    /// <summary>Two messages of the assistant may follow each other; else they become one.</summary>
    public bool AssistantsInRow { get; init; } = true;

    /// <summary>The assistant may speak first; else a user does, who says nothing.</summary>
    public bool AssistantFirst { get; init; } = true;

    /// <summary>A user may speak right behind what a tool returned; else the assistant says a word between.</summary>
    public bool UserBehindOutput { get; init; } = true;

    /// <summary>The assistant may say something before it calls and again behind that; else it is said once, behind.</summary>
    public bool TextBeforeCalls { get; init; } = true;

    /// <summary>Takes a thought beside a call that has a text; else that text is a part of the thought.</summary>
    public bool ThoughtBesideTextAndCalls { get; init; } = true;

    /// <summary>Takes texts only as parts of a content.</summary>
    public bool TextParts { get; init; }

    /// <summary>The field it reads reasoning from; null when it renders none.</summary>
    public string? ReasoningField { get; init; } = "reasoning_content";

    /// <summary>The part of a message's content that it reads reasoning from; null where it has none.</summary>
    public ThoughtPart? ThoughtPart { get; init; }

    /// <summary>The switch that is set so that it keeps earlier thoughts; null where none is.</summary>
    public ThoughtSwitch? ThoughtsKeptBy { get; init; }

    /// <summary>How words before a call are written, where the template has no place for them; null elsewhere.</summary>
    public PreambleMarks? Preamble { get; init; }

    /// <summary>The token it ends an assistant message with; null when it is ordinary text.</summary>
    public int? EndToken { get; init; }
}

/// <summary>A content part that is a thought.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Field">Where its text is.</param>
internal sealed record ThoughtPart(string Type, string Field);
