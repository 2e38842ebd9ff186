using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>A continuation's prompt, made from what is new, where it is proven that the whole would have the same tokens.</summary>
/// <remarks>
/// (1) Its new messages are rendered alone, behind its parent's tokens as they were sampled, where the turn's shape has a certificate
/// (<see cref="SuffixCertifier"/>), and (2) the template treats the conversation as it treats the stand-ins that this was made with,
/// whatever is said in it (<see cref="ContentEffects"/>). (3) Where the client resent the history, and so might have come to a server that
/// never saw it, the sampled tokens must be those that the template would write.
/// </remarks>
internal sealed class Continuation(
    PromptRoom room, MessageFit fit, SuffixCertifier certifier, ContentEffects effects, ControlText control)
{
    /// <summary>The prompt; null where the whole has to be rendered.</summary>
    /// <param name="because">Why it has to; null where it does not.</param>
    public PromptPlan? Plan(
        BackendTurn turn, EmbeddedState state, PromptSettings settings, CancellationToken cancelled, out string? because)
    {
        because = settings.ChangeFrom(state.Settings) is not null ? WholeReasons.Settings : WholeReasons.NoEnd;
        if (because == WholeReasons.Settings || state.Tail is not { } tail) return null;
        // Where the model has said nothing, what a system message says may belong to the start.
        var isSilent = tail is { Reasoning: false, Text: false, Calls.Count: 0 };
        if (isSilent && turn.Context.Input.Any(static item => item is MessageItem { Role: Role.System })) return null;
        because = WholeReasons.CutCall;
        if (tail.IsCut && tail.Calls.Count > 0) return null;
        because = WholeReasons.LeftOut;
        if (state.ItemsDropped > 0 && !turn.Request.TruncationAuto) return null; // then the whole must fit
        because = WholeReasons.Order;
        var names = new CallNames();
        var input = turn.Context.Input;
        if (ContextMessages.BeginsWithAssistant(input) || !names.Learn(input, turn.Context.Parent, room.CallLookback)) return null;
        var builder = new MessageBuilder(room, names, state.Tools, isStart: false, tail.Calls);
        for (var at = 0; at < input.Count; at++) ContextMessages.AddInput(builder, turn.Context, at, input[at]); // nothing new is cleared
        var written = builder.Finish();
        var added = fit.Later(written);
        because = WholeReasons.Shape;
        if (TurnShape.Of(tail, added, settings, turn.Request.Generate) is not { } shape) return null;
        because = WholeReasons.Certificate;
        var heads = new HeadSource(turn, state, room, control);
        List<PromptMessage>? before = null;
        state.Skeleton ??= PromptSkeleton.Of(before = Before(turn));
        if (certifier.Certify(shape, heads.Name, heads.Head, state.Skeleton) is not { } proven) return null; // :: 1
        var said = Said(turn.Context.Parent!, state);
        because = WholeReasons.Content;
        var content = effects.Settle(
            new ContentTurn(shape, proven, heads.Name, state.Skeleton, said, written), state,
            () => new ContentHistory(heads.Head(), before ??= Before(turn)), cancelled);
        if (content is not { Certificate: var certificate, Skeleton: var skeleton }) return null; // :: 2
        because = WholeReasons.Suffix;
        if (certifier.Suffix(shape, certificate, skeleton, tail, added, cancelled) is not { } suffix) return null;
        because = WholeReasons.Said; // :: 3
        if (turn.Context.IsMatched && !IsSaidAsWritten(turn.Context.Parent!, state, shape, certificate, said, suffix, added, cancelled))
            return null;
        because = null;
        var (kept, copied, more) = Join(state.Path, suffix, tail.IsCut);
        return new PromptPlan
        {
            Path = kept.Append(more),
            Added = added,
            ContinueFrom = state.Pin,
            Settings = settings,
            Tools = builder.Tools,
            HasSystem = tail.HasSystem,
            HasTools = tail.HasTools,
            ReasoningSinceUser = ContextMessages.ReasoningSinceUser(added, tail.Reasoning || tail.ReasoningSinceUser),
            TextEnd = ContextMessages.End(suffix.Text),
            Shared = kept.Length,
            Copied = copied,
            IsIncremental = true,
            ItemsDropped = state.ItemsDropped,
            SpellsMark = state.SpellsMark || written.Exists(room.IsMarked),
            IsAsWritten = turn.Context.IsMatched,
            HeadName = heads.Name,
            Likeness = state.Likeness,
            Skeleton = skeleton.With(content.Messages),
        };
    }

    /// <summary>Whether the whole, rendered from scratch, would have the parent's tokens: its prompt has, and what was sampled.</summary>
    private bool IsSaidAsWritten(
        ChainNode parent, EmbeddedState state, TurnShape shape, Certificate certificate, IReadOnlyList<PromptMessage> said,
        CertifiedSuffix suffix, IReadOnlyList<PromptMessage> added, CancellationToken cancelled)
    {
        if (!state.IsPromptAsWritten || parent.Input.Count == 0 || ContextMessages.IsOfAssistant(parent.Input[^1])) return false;
        if (TokenPaths.Last(state.Path) != suffix.EndToken) return false;
        return said is [var one] && certifier.Writes(
            shape, certificate, one, state.Path.ToArray(state.PromptTokens).AsMemory(..^1), added, suffix, cancelled);
    }

    private List<PromptMessage> Said(ChainNode parent, EmbeddedState state)
    {
        var builder = new MessageBuilder(room, new CallNames(), state.Tools, isStart: false);
        foreach (var item in parent.Output) builder.Add(item, null);
        return builder.Finish();
    }

    /// <summary>The conversation's messages before the answer that a turn continues. Costs the history.</summary>
    private List<PromptMessage> Before(BackendTurn turn)
    {
        var parent = turn.Context.Parent!;
        var builder = new MessageBuilder(room, new CallNames(), ToolCatalog.Empty.With(turn.Tools), isStart: true);
        builder.AddInstructions(turn.Instructions);
        var context = new TurnContext(parent.Parent, parent.Input) { IsOpened = true, Cleared = turn.Context.Cleared };
        ContextMessages.AddAll(builder, context, cut: 0);
        return builder.Finish();
    }

    /// <summary>The parent's tokens with the end token that the template writes, and what comes behind.</summary>
    private (TokenPath Kept, int Copied, int[] More) Join(TokenPath path, CertifiedSuffix suffix, bool isCut)
    {
        var last = TokenPaths.Last(path);
        if (last == suffix.EndToken && !isCut) return (path, 0, suffix.Tokens);
        var endedElse = !isCut && last is { } token && (control.Tokenizer.IsEndOfGeneration(token) || control.Tokenizer.IsControl(token));
        var copied = 0;
        var kept = endedElse ? TokenPaths.Cut(path, path.Length - 1, out copied) : path;
        return (kept, copied, [suffix.EndToken, .. suffix.Tokens]);
    }
}
