using Samovar.Backends.Embedded.Rendering;
using Samovar.Templates;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Learns how a model writes, from what its own template writes for it in a conversation's history.</summary>
/// <remarks>
/// A question and an answer are rendered: with one call, with two, with none but text, with a thought. What stands behind the question is
/// compared with what a prompt ends with there: the rest is what the model writes.
/// </remarks>
internal sealed class DialectLearner(ChatTemplate template, ControlText control, ThinkingSwitches switches, TimeProvider time)
{
    private static readonly string[] ThoughtFields = ["reasoning_content", "thinking", "reasoning", "thought", ""];

    private readonly ProbeTalk _talk = new(template, control, switches, time);

    /// <summary>The dialect; without formats where the template writes no calls.</summary>
    public ModelDialect Learn()
    {
        var plain = new ProbeForm(ArgumentsAsText: false, HasContent: true, NamesInIds: false, "", ThinksOn: false);
        var said = new AnswerFrame(_talk, control, plain);
        var form = Forms().FirstOrDefault(Writes) ?? plain;
        var frame = said with { Form = form };
        var thoughts = ThoughtLearner.Learn(frame, ThoughtForms(form));
        if (ChannelLearner.Learn(frame, thoughts) is { } channels) return channels;
        var calls = frame.Body(CallProbe.One) is null ? null : Calls(frame, thoughts);
        return new ModelDialect("learned")
        {
            Thoughts = thoughts is null ? [] : [thoughts.Marks],
            Answers = Answers(frame, thoughts),
            Formats = calls is null ? [] : [calls],
            Frames = frame.MessageEnd(),
            BeforeEnd = frame.BeforeEndToken(),
            Ends = EndLearner.Learn(frame, calls),
        };
    }

    /// <summary>Whether a text is one token of the model's vocabulary that only templates and models write.</summary>
    public bool IsToken(string text) => control.IndexOfSpelling(text, 0) == 0 && control.SpellingAt(text, 0) == text;

    private static IEnumerable<ProbeForm> Forms()
    {
        foreach (var namesInIds in (bool[])[false, true])
            foreach (var hasContent in (bool[])[true, false])
                foreach (var asText in (bool[])[false, true])
                    yield return new ProbeForm(asText, hasContent, namesInIds, "", ThinksOn: false);
    }

    private static IEnumerable<ProbeForm> ThoughtForms(ProbeForm form)
    {
        foreach (var isOn in (bool[])[false, true])
            foreach (var field in ThoughtFields)
                yield return form with { ThoughtField = field, ThinksOn = isOn };
    }

    /// <summary>Whether calls are written so, their arguments neither as Python prints objects nor as a text within a text.</summary>
    private bool Writes(ProbeForm form)
    {
        if (_talk.Write(CallProbe.One, form) is not { } written) return false;
        if (!written.Contains(CallProbe.FirstName, StringComparison.Ordinal)) return false;
        var key = written.IndexOf(CallProbe.FirstKey, StringComparison.Ordinal);
        return key > 0 && written[key - 1] != '\'' && (written[key - 1] != '"' || key < 2 || written[key - 2] != '\\')
            && written.Contains(CallProbe.SecondValue, StringComparison.Ordinal);
    }

    private static CallFormat? Calls(AnswerFrame frame, LearnedThought? thoughts)
    {
        if (frame.Calls(CallProbe.One, thoughts) is not var (lead, one)) return null;
        var format = new FormatLearner(
            one, Written(CallProbe.Two), Written(CallProbe.WithoutArguments), Written(CallProbe.WithNumbers)).Learn();
        return format is null ? null
            : format with { Spelling = format.Spelling! with { Lead = lead, End = frame.BeforeEndToken() } };

        string? Written(ProbeAnswer answer) => frame.Calls(answer, thoughts)?.Calls;
    }

    private static PartMarks[] Answers(AnswerFrame frame, LearnedThought? thoughts)
    {
        var (open, close) = frame.Said();
        if (thoughts is not null) open = thoughts.Without(open);
        List<PartMarks> answers = [new(open.Trim(), close.Trim())];
        if (thoughts?.AnswerOpen.Trim() is { Length: > 0 } behind) answers.Insert(0, new PartMarks(behind, thoughts.AnswerClose));
        return [.. answers.Where(part => part.Open.Length + part.Close.Length > 0).DistinctBy(part => part.Open, StringComparer.Ordinal)];
    }
}
