using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Protocol.Json;

namespace Samovar.Cli.Models;

/// <summary>Asks which turns of an agent go on from what is already computed, and which are rendered whole.</summary>
internal static class TurnCheck
{
    private static readonly (string Turn, bool Thinks, bool Text, int Calls, string Added)[] Turns =
    [
        ("a question behind an answer", false, true, 0, "u"),
        ("a question behind an answer with a thought", true, true, 0, "u"),
        ("an output behind a call", false, false, 1, "t"),
        ("an output behind a call with text", false, true, 1, "t"),
        ("an output behind a call with a thought", true, false, 1, "t"),
        ("outputs behind two calls", false, false, 2, "tt"),
        ("an output and a question behind a call", false, false, 1, "tu"),
    ];

    public static IEnumerable<TurnReport> Of(EmbeddedModel model)
    {
        var shapes = new ShapeRenderer(model.Renderer, new MessageFit(model.Facts, model.Control));
        var certifier = new SuffixCertifier(
            shapes, new StandInHistories(model.Facts.ParallelCalls), model.Control, model.Facts, model.Template.Counts,
            new EmbeddedOptions().ShapesMax);
        var head = PromptHead.StandIn("Be brief.", model.Control, "look_up");
        var before = PromptSkeleton.Of([new PromptMessage(PromptRole.System, "Be brief."), new PromptMessage(PromptRole.User, "Look.")]);
        foreach (var (turn, thinks, text, count, kinds) in Turns)
        {
            if (thinks && model.Facts is { ReasoningField: null, ThoughtPart: null }) continue;
            var calls = StandIns.Calls(count);
            var added = StandIns.Added(kinds, calls);
            var tail = new PromptTail(HasSystem: true, HasTools: true, thinks, text, calls, ReasoningSinceUser: false, IsCut: false);
            var shape = TurnShape.Of(tail, added, new PromptSettings("", null, RawJson.Of("[]"), null), generate: true);
            var certificate = shape is null ? null : certifier.Certify(shape, head.Lead, () => head, before);
            yield return new TurnReport(turn, certificate is not null
                && certifier.Suffix(shape!, certificate, before, tail, added, CancellationToken.None) is not null);
        }
    }

    public static IEnumerable<string> Abilities(TemplateFacts facts)
    {
        if (facts.SystemRole) yield return "system";
        if (facts.SystemLater) yield return "system_later";
        if (facts.Tools) yield return "tools";
        if (facts.Calls) yield return "calls";
        if (facts.ParallelCalls) yield return "parallel_calls";
        if (facts.TextWithCalls) yield return "text_with_calls";
        if (facts.ReasoningField is { } field) yield return field;
        if (facts.ThoughtPart is { } part) yield return $"thoughts as parts of the type {part.Type}";
    }
}
