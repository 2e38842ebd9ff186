namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Dialects that are known without a template: an operator names one, or a template writes no calls itself.</summary>
internal static class FixedDialects
{
    private static readonly PartMarks Think = new("<think>", "</think>");

    /// <summary>What models write around thoughts and answers that their template tells them of in words.</summary>
    private static readonly (string Sign, PartMarks Thought, PartMarks? Answer)[] Announced =
    [
        ("[THINK]", new PartMarks("[THINK]", "[/THINK]"), null),
        ("<|inner_prefix|>", new PartMarks("<|inner_prefix|>", "<|inner_suffix|>"), null),
        ("<response>", Think, new PartMarks("<response>", "</response>")),
        ("<answer>", Think, new PartMarks("<answer>", "</answer>")),
        ("[BEGIN FINAL RESPONSE]", new PartMarks("Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]"),
            new PartMarks("[BEGIN FINAL RESPONSE]", "[END FINAL RESPONSE]")),
        ("<|START_RESPONSE|>", new PartMarks("<|START_THINKING|>", "<|END_THINKING|>"),
            new PartMarks("<|START_RESPONSE|>", "<|END_RESPONSE|>")),
    ];

    /// <summary>A learned dialect, and what else its model may write: its template's words, and its family's calls.</summary>
    /// <param name="learned">What the template writes itself.</param>
    /// <param name="nearest">The dialect that the template's signs point to.</param>
    /// <param name="isAnnounced">Whether the model is shown how to call in our words, as its template has none.</param>
    /// <param name="has">Whether the template has a text, or the vocabulary has it as a token.</param>
    public static ModelDialect Join(ModelDialect learned, Dialect nearest, bool isAnnounced, Func<string, bool> has)
    {
        var kin = Of(nearest);
        var announced = Announced.Where(one => has(one.Sign)).ToList();
        var told = AnnouncedCalls.Of(has, learned.Formats);
        var known = IsKin(learned, nearest) ? kin.Formats : [];
        var formats = isAnnounced ? [.. learned.Formats, HermesCalls, .. known, .. told]
            : learned.Formats.Count > 0 ? [.. learned.Formats, .. known, .. told]
            : (List<CallFormat>)[.. told, .. known, HermesCalls];
        return learned with
        {
            Name = Name(learned, kin),
            Thoughts = [.. learned.Thoughts.Concat(announced.Select(one => one.Thought)).Concat(kin.Thoughts).Append(Think)
                .DistinctBy(part => (part.Open, part.Close))],
            Answers = [.. learned.Answers.Concat(announced.Select(one => one.Answer).OfType<PartMarks>()).Distinct()],
            Formats = [.. Different(formats).Select(Wrapped)],
        };

        CallFormat Wrapped(CallFormat format) => format.Style != ArgumentStyle.Keyed || !has(KeyedMarks.WrapOpen) ? format
            : format with { Keyed = format.Keyed with { Wraps = true } };
    }

    /// <summary>What the signs say counts where nothing was learned, and in families whose models write calls in more than one
    /// way.</summary>
    private static bool IsKin(ModelDialect learned, Dialect nearest) => learned.Formats is not [var first, ..]
        ? nearest != Dialect.Json
        : nearest is Dialect.DeepSeek or Dialect.Mistral
            || (nearest is Dialect.Hermes or Dialect.Llama && first.Style is ArgumentStyle.Object or ArgumentStyle.Python)
            || (nearest is Dialect.Hermes && first.CallOpen.StartsWith("<tool_call>", StringComparison.Ordinal));

    /// <summary>
    /// One of each kind that is read alike: the first was seen. A template that closes the calls of some turns alone may not have shown
    /// how: then that is the others'. So is what stands before the mark that closes a call, as a quotation's end.
    /// </summary>
    private static IEnumerable<CallFormat> Different(IEnumerable<CallFormat> formats) => formats
        .GroupBy(format => (format.Style, format.Open, format.CallOpen, format.NameKey is null))
        .Select(static alike => alike.First() with
        {
            Close = alike.Select(static one => one.Close).FirstOrDefault(static close => close.Length > 0, ""),
            CallClose = alike.Select(static one => one.CallClose).Aggregate(
                static (first, other) => other.EndsWith(first, StringComparison.Ordinal) ? other : first),
            Noise = [.. alike.SelectMany(static one => one.Noise).Distinct(StringComparer.Ordinal)],
        });

    private static string Name(ModelDialect learned, ModelDialect kin)
    {
        if (learned.Formats is not [var first, ..]) return "Hermes";
        return kin.Formats.Any(format => format.Style == first.Style && format.Trigger == first.Trigger) ? kin.Name
            : $"{first.Style} behind {(first.Trigger.Length == 0 ? "nothing" : first.Trigger)}";
    }

    public static readonly CallFormat HermesCalls = new(ArgumentStyle.Object)
    {
        CallOpen = "<tool_call>", CallClose = "</tool_call>",
        Spelling = new CallSpelling("", "<tool_call>\n{\"name\": \"", "\", \"arguments\": ", "}\n</tool_call>", "\n", ""),
    };

    private static readonly CallFormat MistralList = new(ArgumentStyle.Object)
    {
        Open = "[TOOL_CALLS]", IsList = true,
        Spelling = new CallSpelling("[TOOL_CALLS] [", "{\"name\": \"", "\", \"arguments\": ", "}", ", ", "]"),
    };

    private static readonly CallFormat MistralNames = new(ArgumentStyle.Json)
    {
        CallOpen = "[TOOL_CALLS]", Id = CallIdPlace.InHead, Noise = ["CALL_ID", "ARGS"],
        Spelling = new CallSpelling("", "[TOOL_CALLS]", "[ARGS]", "", "", ""),
    };

    private static readonly CallFormat DeepSeekCalls = new(ArgumentStyle.Json)
    {
        Open = "<｜tool▁calls▁begin｜>", CallOpen = "<｜tool▁call▁begin｜>", CallClose = "```<｜tool▁call▁end｜>",
        Noise = ["function", "json", "tool_sep", "sep", "tool"], Close = "<｜tool▁calls▁end｜>",
        Spelling = new CallSpelling("<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", "\n```json\n",
            "\n```<｜tool▁call▁end｜>", "\n", "<｜tool▁calls▁end｜>"),
    };

    /// <summary>Some write the section's name alone.</summary>
    private static readonly CallFormat DeepSeekSection = DeepSeekCalls with { Open = "<｜tool▁calls｜>", Spelling = null };

    /// <summary>Objects without any mark before them.</summary>
    public static CallFormat BareObjects(string argumentsKey) => new(ArgumentStyle.Object)
    {
        ArgumentsKey = argumentsKey, IsList = true,
        Spelling = new CallSpelling("", "{\"name\": \"", $"\", \"{argumentsKey}\": ", "}", "; ", ""),
    };

    private static readonly CallFormat PythonTag = BareObjects("parameters") with { Open = "<|python_tag|>", Spelling = null };

    private static readonly CallFormat NamedInTags = new(ArgumentStyle.Json) { CallOpen = "<function=", CallClose = "</function>" };

    private static readonly CallFormat PythonTagCall = new(ArgumentStyle.Python) { Open = "<|python_tag|>", IsList = true };

    public static ModelDialect Of(Dialect dialect) => dialect switch
    {
        Dialect.Hermes => new ModelDialect("Hermes") { Thoughts = [Think], Formats = [HermesCalls] },
        Dialect.Llama => new ModelDialect("Llama")
        {
            Thoughts = [Think], Formats = [BareObjects("parameters") with { Spelling = Single }, PythonTag, PythonTagCall, NamedInTags],
        },
        Dialect.Mistral => new ModelDialect("Mistral")
        {
            Thoughts = [new PartMarks("[THINK]", "[/THINK]")], Formats = [MistralList, MistralNames],
        },
        Dialect.DeepSeek => new ModelDialect("DeepSeek") { Thoughts = [Think], Formats = [DeepSeekCalls, DeepSeekSection] },
        Dialect.Harmony => ChannelDialect.Of(ChannelMarks.Harmony, null),
        Dialect.Json => new ModelDialect("Json") { Thoughts = [Think], Formats = [BareObjects("arguments")] },
        _ => new ModelDialect(dialect.ToString()) { Thoughts = [Think] },
    };

    private static CallSpelling Single => BareObjects("parameters").Spelling! with { Separator = null };
}
