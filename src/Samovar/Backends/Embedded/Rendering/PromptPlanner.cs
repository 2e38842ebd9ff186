using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// From a turn's context to its tokens: only what is new where that is proven, else the whole, compared with what was there.
/// </summary>
/// <remarks>
/// (1) A continuation under the same settings renders its new messages alone, behind its parent's tokens as they were sampled
/// (<see cref="SuffixCertifier"/>). Where the client resent the history, and so might have come to a server that never saw it, the
/// sampled tokens must be those that the template would write. (2) All else renders the whole conversation, and shares with the parent's
/// tokens as many as are equal. (3) A warm-up takes what two different next questions would have in common. (4) A conversation that is
/// too long, of a request that says <c>truncation: auto</c>, is rendered from a later beginning; its continuations grow from there.
/// (5) An answer whose beginning the client gives ends where that beginning does: what the template writes behind it is left away.
/// (6) What was proven with stand-ins holds for conversations that the template treats like them, whatever they say
/// (<see cref="ContentEffects"/>): any other is rendered whole.
/// </remarks>
internal sealed class PromptPlanner(
    PromptRoom room, ChatRenderer renderer, MessageFit fit, SuffixCertifier certifier, ContentEffects effects, ControlText control)
{
    private const int TextEndChars = 64;
    private const int RoomShare = 4; // a shortened conversation leaves a quarter free: each later beginning computes all again

    private long _incremental;
    private long _whole;

    /// <summary>Turns whose prompt was continued, and those whose prompt was rendered from scratch, since start.</summary>
    public (long Incremental, long Whole) Counts => (Interlocked.Read(ref _incremental), Interlocked.Read(ref _whole));

    /// <exception cref="TemplateException">The template refuses the conversation.</exception>
    /// <exception cref="PromptTooLongException">It is far too long.</exception>
    public PromptPlan Plan(BackendTurn turn, CancellationToken cancelled)
    {
        var settings = SettingsOf(turn);
        var state = turn.ParentState as EmbeddedState;
        if (state is not null && !turn.Request.ContinuesAnswer && Continue(turn, state, settings, cancelled) is { } continued) // :: 1
        {
            Interlocked.Increment(ref _incremental);
            return continued;
        }
        Interlocked.Increment(ref _whole);
        if (state is null || settings.HasModelOf(state.Settings)) return Whole(turn, state, settings, cancelled); // :: 2
        return Whole(turn, null, settings, cancelled) with { MissReason = MissReasons.Model }; // another model's tokens mean nothing here
    }

    /// <summary>
    /// The plan of a conversation that does not fit, with its oldest items left out: as few as leave room for some turns more, else as few
    /// as fit at all. Null where even the newest round does not. :: 4
    /// </summary>
    public PromptPlan? Shorten(BackendTurn turn, int contextTokens, CancellationToken cancelled)
    {
        var cuts = OldestItems.Cuts([.. turn.Context.AllItems()]);
        var free = Math.Max(contextTokens / RoomShare, Math.Min(turn.Request.MaxOutputTokens ?? 0, contextTokens / 2));
        return Shorten(turn, cuts, contextTokens - free, cancelled) ?? Shorten(turn, cuts, contextTokens - 1, cancelled);
    }

    private PromptPlan? Shorten(BackendTurn turn, IReadOnlyList<int> cuts, int tokensMax, CancellationToken cancelled)
    {
        PromptPlan? best = null;
        for (int low = 0, high = cuts.Count; low < high;)
        {
            var at = (low + high) / 2;
            var (plan, isRefused) = Try(turn, cuts[at], cancelled);
            if (plan?.Path.Length <= tokensMax) best = plan;
            if (isRefused || plan?.Path.Length <= tokensMax) high = at; // templates that want a question first refuse later beginnings
            else low = at + 1;
        }
        return best;
    }

    private (PromptPlan? Plan, bool IsRefused) Try(BackendTurn turn, int cut, CancellationToken cancelled)
    {
        var settings = SettingsOf(turn);
        var state = turn.ParentState is EmbeddedState parent && settings.HasModelOf(parent.Settings) ? parent : null;
        try
        {
            return (Whole(turn, state, settings, cancelled, cut) with { MissReason = MissReasons.Truncated }, false);
        }
        catch (PromptTooLongException)
        {
            return (null, false);
        }
        catch (TemplateException)
        {
            return (null, true);
        }
    }

    private PromptSettings SettingsOf(BackendTurn turn) =>
        new(room.Model, turn.Instructions, turn.Tools.Json, turn.Request.ReasoningEffort);

    private PromptPlan? Continue(BackendTurn turn, EmbeddedState state, PromptSettings settings, CancellationToken cancelled)
    {
        if (state.Tail is not { } tail || settings.ChangeFrom(state.Settings) is not null || (tail.IsCut && tail.Calls.Count > 0))
            return null;
        if (state.ItemsDropped > 0 && !turn.Request.TruncationAuto) return null; // then the whole must fit
        var names = new CallNames();
        var input = turn.Context.Input;
        if (BeginsWithAssistant(input) || !names.Learn(input, turn.Context.Parent, room.CallLookback)) return null;
        var builder = new MessageBuilder(room.Content, names, state.Tools, isStart: false, tail.Calls);
        for (var at = 0; at < turn.Context.Input.Count; at++) AddInput(builder, turn.Context, at);
        var written = builder.Finish();
        var added = fit.Later(written);
        if (TurnShape.Of(tail, added, settings, turn.Request.Generate) is not { } shape) return null;
        var heads = new HeadSource(turn, state, room.Content, control);
        var skeleton = state.Skeleton ??= PromptSkeleton.Of(Before(turn));
        if (certifier.Certify(shape, heads.Name, heads.Head, skeleton) is not { } certificate) return null;
        if (!IsLikeStandIns(turn, state, shape, certificate, heads, cancelled)) return null;
        var (before, said) = (SuffixCertifier.Before(shape, certificate, skeleton), Said(turn.Context.Parent!, state));
        if (!effects.AreNoneIn(shape, certificate, before, said, written, cancelled)) return null; // :: 6
        if (certifier.Suffix(shape, certificate, skeleton, tail, added, cancelled) is not { } suffix) return null;
        if (turn.Context.IsMatched && !IsSaidAsWritten(turn.Context.Parent!, state, shape, certificate, said, suffix, added, cancelled))
            return null;
        var (kept, copied, more) = Join(state.Path, suffix, tail.IsCut);
        return new PromptPlan
        {
            Path = kept.Append(more),
            ContinueFrom = state.Pin,
            Settings = settings,
            Tools = builder.Tools,
            HasSystem = tail.HasSystem,
            HasTools = tail.HasTools,
            ReasoningSinceUser = ReasoningSinceUser(added, tail.Reasoning || tail.ReasoningSinceUser),
            TextEnd = End(suffix.Text),
            Shared = kept.Length,
            Copied = copied,
            IsIncremental = true,
            ItemsDropped = state.ItemsDropped,
            SpellsMark = state.SpellsMark || written.Exists(IsMarked),
            IsAsWritten = turn.Context.IsMatched,
            HeadName = heads.Name,
            Likeness = Likeness.Like,
            Skeleton = skeleton.With([.. said, .. written]),
        };
    }

    /// <summary>Whether the whole, rendered from scratch, would have the parent's tokens: its prompt has, and what was sampled.</summary>
    private bool IsSaidAsWritten(
        ChainNode parent, EmbeddedState state, TurnShape shape, Certificate certificate, IReadOnlyList<PromptMessage> said,
        CertifiedSuffix suffix, IReadOnlyList<PromptMessage> added, CancellationToken cancelled)
    {
        if (!state.IsPromptAsWritten || parent.Input.Count == 0 || IsOfAssistant(parent.Input[^1])) return false;
        if (TokenPaths.Last(state.Path) != suffix.EndToken) return false;
        return said is [var one] && certifier.Writes(
            shape, certificate, one, state.Path.ToArray(state.PromptTokens).AsMemory(..^1), added, suffix, cancelled);
    }

    private List<PromptMessage> Said(ChainNode parent, EmbeddedState state)
    {
        var builder = new MessageBuilder(room.Content, new CallNames(), state.Tools, isStart: false);
        foreach (var item in parent.Output) builder.Add(item, null);
        return builder.Finish();
    }

    /// <summary>Whether the template treats the conversation before the answer as it treats stand-ins. :: 6</summary>
    private bool IsLikeStandIns(
        BackendTurn turn, EmbeddedState state, TurnShape shape, Certificate certificate, HeadSource heads, CancellationToken cancelled)
    {
        if (state.Likeness == Likeness.Unknown)
            state.Likeness = effects.AreNoneIn(shape, certificate, heads.Head(), Before(turn), cancelled) ? Likeness.Like : Likeness.Unlike;
        return state.Likeness == Likeness.Like;
    }

    /// <summary>The conversation's messages before the answer that a turn continues. Costs the history.</summary>
    private List<PromptMessage> Before(BackendTurn turn)
    {
        var parent = turn.Context.Parent!;
        var builder = new MessageBuilder(room.Content, new CallNames(), ToolCatalog.Empty.With(turn.Tools), isStart: true);
        builder.AddInstructions(turn.Instructions);
        AddAll(builder, new TurnContext(parent.Parent, parent.Input) { IsOpened = true }, cut: 0);
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

    /// <param name="cut">Where the conversation begins behind its lead; 0 for all of it.</param>
    private PromptPlan Whole(
        BackendTurn turn, EmbeddedState? state, PromptSettings settings, CancellationToken cancelled, int cut = 0)
    {
        var builder = new MessageBuilder(room.Content, new CallNames(), ToolCatalog.Empty.With(turn.Tools), isStart: true);
        builder.AddInstructions(turn.Instructions);
        var dropped = AddAll(builder, turn.Context, cut);
        var messages = builder.Finish();
        var conversation = new Conversation(builder.Lead, builder.LeadTools, messages);
        var (tokens, textEnd) = turn.Request.ContinuesAnswer ? BegunTokens(turn, conversation, settings, cancelled)
            : turn.Request.Generate ? Tokens(conversation, settings, [], generate: true, cancelled)
            : (WarmUp(conversation, settings, cancelled), "");
        var path = TokenPaths.Share(state?.Path, tokens, out var common, out var copied);
        return new PromptPlan
        {
            Path = path,
            ContinueFrom = state?.Pin,
            Settings = settings,
            Tools = builder.Tools,
            HasSystem = builder.Lead.Length > 0,
            HasTools = builder.LeadTools.Tools.Count > 0,
            ReasoningSinceUser = ReasoningSinceUser(messages, before: false),
            TextEnd = textEnd,
            Shared = common,
            Copied = copied,
            IsIncremental = false,
            ItemsDropped = dropped,
            SpellsMark = HasMark(builder.Lead) || messages.Exists(IsMarked)
                || (turn.Request.ContinuesAnswer && HasMark(messages[^1].Text)),
            IsAsWritten = dropped == 0,
            HeadName = PromptHead.NameOf(builder.Lead, builder.LeadTools.Tools),
            Skeleton = dropped == 0 ? PromptSkeleton.Of(messages) : null,
            Likeness = state?.Likeness == Likeness.Unlike && dropped == 0 ? Likeness.Unlike : Likeness.Unknown,
            MissReason = state is null || common == state.Path.Length ? null : settings.ChangeFrom(state.Settings) ?? MissReasons.Input,
        };
    }

    /// <summary>What any next question leaves as it is. :: 3</summary>
    private int[] WarmUp(Conversation conversation, PromptSettings settings, CancellationToken cancelled)
    {
        try
        {
            var one = Tokens(conversation, settings, [new(PromptRole.User, "a")], generate: true, cancelled).Tokens;
            var other = Tokens(conversation, settings, [new(PromptRole.User, "\u03A9 1")], generate: true, cancelled).Tokens;
            return one[..one.AsSpan().CommonPrefixLength(other)];
        }
        catch (TemplateException)
        {
            return Tokens(conversation, settings, [], generate: false, cancelled).Tokens; // no question may follow here
        }
    }

    private (int[] Tokens, string TextEnd) Tokens(
        Conversation conversation, PromptSettings settings, IReadOnlyList<PromptMessage> more, bool generate, CancellationToken cancelled)
    {
        var tools = conversation.Tools.Tools;
        var fitted = fit.Whole(conversation.Lead, tools, [.. conversation.Messages, .. more]);
        var frame = new RenderFrame(ToolText.Values(tools, control), settings.ThinkingOff, settings.Effort, generate);
        return Tokens(renderer.Render(fitted, frame, cancelled), cancelled);
    }

    /// <summary>The tokens up to the end of the assistant's message, which the answer goes on with. :: 5</summary>
    private (int[] Tokens, string TextEnd) BegunTokens(
        BackendTurn turn, Conversation conversation, PromptSettings settings, CancellationToken cancelled)
    {
        if (turn.Request.Format is not TextFormat.Plain) // the shape is the whole answer's, and its beginning is not ours
            throw new ApiException(Errors.UnsupportedValue, "the beginning of an answer that has a format", "text.format");
        var tools = conversation.Tools.Tools;
        var fitted = fit.Whole(conversation.Lead, tools, conversation.Messages);
        fitted[^1] = fitted[^1] with { Text = fitted[^1].Text + StandIns.Anchor };
        var frame = new RenderFrame(ToolText.Values(tools, control), settings.ThinkingOff, settings.Effort, Generate: false);
        var text = renderer.Render(fitted, frame, cancelled);
        var end = text.LastIndexOf(StandIns.Anchor, StringComparison.Ordinal);
        if (end >= 0) return Tokens(text[..end], cancelled);
        var param = Param(turn.Context, turn.Context.Input.Count - 1);
        throw new ApiException(Errors.ConversationRefused, "it does not write the assistant's last message", param);
    }

    private (int[] Tokens, string TextEnd) Tokens(string text, CancellationToken cancelled)
    {
        var tokens = control.Tokenize(text, cancelled);
        var begin = control.Tokenizer is { AddsBeginOfText: true, BeginOfText: { } token } && (tokens.Length == 0 || tokens[0] != token)
            ? (int?)token : null;
        return (begin is null ? tokens : [begin.Value, .. tokens], End(text));
    }

    /// <summary>The whole conversation from its cut on; returns how many items were left out.</summary>
    private static int AddAll(MessageBuilder builder, TurnContext context, int cut)
    {
        Item[] items = [.. context.AllItems()];
        var (lead, dropped, before) = (OldestItems.Lead(items), 0, items.Length - context.Input.Count);
        var ends = Ends(context);
        for (var at = 0; at < items.Length; at++)
        {
            if (ends.Contains(before - at)) builder.EndAnswer();
            if (!OldestItems.Stays(items, at, lead, cut)) dropped++;
            else if (at < before) builder.Add(items[at], null);
            else AddInput(builder, context, at - before);
        }
        return dropped;
    }

    /// <summary>Where answers of the chain end: the items of the chain that come behind each.</summary>
    private static HashSet<int> Ends(TurnContext context)
    {
        var (ends, behind) = (new HashSet<int>(), 0);
        for (var node = context.Parent; node is not null; node = node.Parent)
        {
            if (!node.Response.Request.MakesNoWords) ends.Add(behind);
            behind += node.Input.Count + node.Output.Count;
        }
        return ends;
    }

    private static string? Param(TurnContext context, int at) => context.IsOpened ? null : context.ParamOf(at);

    private static void AddInput(MessageBuilder builder, TurnContext context, int at)
    {
        try { builder.Add(context.Input[at], Param(context, at)); }
        catch (ApiException error) when (context.InputStart + at < 0) { throw error.At(context.ParentParam); } // no item of the request
    }

    /// <summary>Whether the new items go on with the assistant's own message: then what was said is not a message of its own.</summary>
    private static bool BeginsWithAssistant(IReadOnlyList<Item> input) => input.Count > 0 && IsOfAssistant(input[0]);

    private static bool IsOfAssistant(Item item) => item is IToolCall or ReasoningItem or MessageItem { Role: Role.Assistant };

    private bool IsMarked(PromptMessage message) => message.Role is PromptRole.System or PromptRole.User && HasMark(message.Text);

    private bool HasMark(string text)
    {
        foreach (var mark in room.Marks)
            if (text.Contains(mark, StringComparison.Ordinal)) return true;
        return false;
    }

    private static bool ReasoningSinceUser(IReadOnlyList<PromptMessage> messages, bool before)
    {
        foreach (var message in messages)
            before = message.Role != PromptRole.User && (before || message.Reasoning.Length > 0);
        return before;
    }

    private static string End(string text) => text.Length <= TextEndChars ? text : text[^TextEndChars..];

    private sealed record Conversation(string Lead, ToolCatalog Tools, IReadOnlyList<PromptMessage> Messages);
}
