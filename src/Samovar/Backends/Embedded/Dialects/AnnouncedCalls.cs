namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// Calls that templates describe in words and do not write themselves, or write otherwise than their models do: found by what the
/// description must have in it.
/// </summary>
internal static class AnnouncedCalls
{
    private static readonly CallFormat List = new(ArgumentStyle.Object) { IsList = true };

    private static readonly CallFormat Section = new(ArgumentStyle.Json)
    {
        Open = "<|tool_calls_section_begin|>", CallOpen = "<|tool_call_begin|>", CallClose = "<|tool_call_end|>",
        Close = "<|tool_calls_section_end|>", Id = CallIdPlace.NamesFunction, Noise = ["tool_call_argument_begin"],
    };

    private static readonly (string[] Signs, CallFormat Format)[] Known =
    [
        (["<|tool_call_start|>"], Python("<|tool_call_start|>", "<|tool_call_end|>")),
        (["<|tool_list_start|>"], Python("<|tool_call_start|>", "<|tool_call_end|>")),
        (["<|tool_call_start|>"], List with { Open = "<|tool_call_start|>", Close = "<|tool_call_end|>" }),
        (["<|tool_list_start|>"], List with { Open = "<|tool_call_start|>", Close = "<|tool_call_end|>" }),
        (["<|python_start|>"], Python("<|python_start|>", "<|python_end|>") with { OpensText = true }),
        (["<|python_start|>"], Python("", "") with { IsBracketed = true }),
        (["[func_name1("], Python("", "")),
        (["[func1("], Python("", "")),
        (["<|tool_call|>", "<|/tool_call|>"], List with { Open = "<|tool_call|>", Close = "<|/tool_call|>" }),
        (["<|tool_call|>"], List with { Open = "<|tool_call|>" }),
        (["<function_call>"], List with { CallOpen = "<function_call>" }),
        (["functools["], List with { Open = "functools[" }),
        (["<TOOLCALL>"], List with { Open = "<TOOLCALL>", Close = "</TOOLCALL>" }),
        (["<tool_calls>"], List with { Open = "<tool_calls>", Close = "</tool_calls>" }),
        (["<|START_ACTION|>"], List with
        {
            Open = "<|START_ACTION|>", Close = "<|END_ACTION|>", NameKey = "tool_name", ArgumentsKey = "parameters",
        }),
        (["<|tools_prefix|>"], List with { Open = "<|tools_prefix|>", Close = "<|tools_suffix|>", NameKey = null, ArgumentsKey = "" }),
        (["<|action_start|>", "<|plugin|>"], List with { CallOpen = "<|action_start|><|plugin|>", CallClose = "<|action_end|>" }),
        (["Action:", "```json", "tool_name"], List with
        {
            Open = "Action: ```json", Close = "```", NameKey = "tool_name", ArgumentsKey = "parameters",
        }),
        (["<|function_call|>"], List with { CallOpen = "<|function_call|>" }),
        (["<function=", "<parameter="], Keyed(
            "<tool_call>\n<function=", "<function=", ">", "</function>", "</tool_call>",
            new("<parameter=", ">", "", "", "</parameter>", true)) with
        {
            Spelling = new CallSpelling("", "<tool_call>\n<function=", "", "</function>\n</tool_call>", "\n", "")
            {
                Keyed = new KeyedSpelling(">\n", "<parameter=", ">\n", ">\n", "\n</parameter>\n"),
            },
        }),
        (["<function=", "</function>"], new(ArgumentStyle.Json)
        {
            CallOpen = "<function=", CallClose = "</function>", Spelling = new CallSpelling("", "<function=", ">", "</function>", "\n", ""),
        }),
        (["<arg_key>", "<arg_value>"], Keyed(
            "<tool_call>", "", "", "</tool_call>", "", new("<arg_key>", "</arg_key>\n<arg_value>", "", "", "</arg_value>", false)) with
        {
            Spelling = new CallSpelling("", "<tool_call>", "", "</tool_call>", "\n", "")
            {
                Keyed = new KeyedSpelling("\n", "<arg_key>", "</arg_key>\n<arg_value>", "</arg_key>\n<arg_value>", "</arg_value>\n"),
            },
        }),
        (["<start_function_call>", "<escape>"], new(ArgumentStyle.Bare)
        {
            CallOpen = "<start_function_call>call:", CallClose = "<end_function_call>", Quote = "<escape>",
            Spelling = new CallSpelling("", "<start_function_call>call:", "", "<end_function_call>", "", ""),
        }),
        (["<|tool_call_begin|>", "<|tool_call_argument_begin|>"], Section with
        {
            Spelling = new CallSpelling(
                "<|tool_calls_section_begin|>", "<|tool_call_begin|>functions.",
                $":{CallSpelling.NumberPlace}<|tool_call_argument_begin|>", "<|tool_call_end|>", "", "<|tool_calls_section_end|>"),
        }),
        (["<|tool_call_begin|>", "<|tool_call_argument_begin|>"], Section with // its models slip here
        {
            Open = "<|tool_call_section_begin|>", Close = "<|tool_call_section_end|>",
        }),
    ];

    /// <summary>The formats whose signs a model has, without those that are read already.</summary>
    public static IEnumerable<CallFormat> Of(Func<string, bool> has, IReadOnlyList<CallFormat> learned)
    {
        foreach (var (signs, format) in Known)
        {
            if (!signs.All(has)) continue;
            var isKnown = learned.Any(one => (one.Style == ArgumentStyle.Object) == (format.Style == ArgumentStyle.Object)
                && (one.Trigger == format.Trigger || (one.Alias.Length > 0 && one.Alias == format.CallOpen)));
            if (!isKnown) yield return format with { Spelling = format.Spelling ?? Spelling(format) };
        }
    }

    /// <summary>As a template would write it: in the way that most do.</summary>
    private static CallSpelling? Spelling(CallFormat format)
    {
        var (open, close) = (format.Open.TrimEnd('['), format.Close);
        return format.Style switch
        {
            ArgumentStyle.Python => new CallSpelling(open + "[", "", "", "", ", ", "]" + close),
            ArgumentStyle.Object when format.NameKey is null => new CallSpelling(open + "[", "{\"", "\": ", "}", ", ", "]" + close),
            ArgumentStyle.Object when format.CallOpen.Length > 0 => new CallSpelling(
                "", format.CallOpen + Name(format), Arguments(format), "}" + format.CallClose, "", ""),
            ArgumentStyle.Object => new CallSpelling(open + "[", Name(format), Arguments(format), "}", ", ", "]" + close),
            _ => null,
        };
    }

    private static string Name(CallFormat format) => $"{{\"{format.NameKey}\": \"";

    private static string Arguments(CallFormat format) => $"\", \"{format.ArgumentsKey}\": ";

    private static CallFormat Python(string open, string close) => new(ArgumentStyle.Python) { Open = open, Close = close, IsList = true };

    private static CallFormat Keyed(string callOpen, string alias, string headEnd, string callClose, string close, KeyedMarks marks) =>
        new(ArgumentStyle.Keyed)
        {
            CallOpen = callOpen, Alias = alias, HeadEnd = headEnd, CallClose = callClose, Close = close, Keyed = marks,
        };
}
