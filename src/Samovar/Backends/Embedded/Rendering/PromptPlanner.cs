using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// From a turn's context to its tokens: only what is new where that is proven, else the whole, compared with what was there.
/// </summary>
/// <remarks>
/// (1) A continuation under the same settings renders its new messages alone, where that is proven (<see cref="Continuation"/>). (2) All
/// else renders the whole conversation, and shares with the parent's
/// tokens as many as are equal. (3) A warm-up takes what two different next questions would have in common. (4) A conversation that is
/// too long, of a request that says <c>truncation: auto</c>, is rendered from a later beginning; its continuations grow from there.
/// (5) An answer whose beginning the client gives ends where that beginning does: what the template writes behind it is left away.
/// </remarks>
internal sealed class PromptPlanner(
    PromptRoom room, ChatRenderer renderer, MessageFit fit, Continuation continuation, ControlText control, PromptMarks? marks = null)
{
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
        var because = state is null ? WholeReasons.NoParent : turn.Request.ContinuesAnswer ? WholeReasons.ContinuesAnswer : null;
        if (because is null && continuation.Plan(turn, state!, settings, cancelled, out because) is { } continued) // :: 1
        {
            Interlocked.Increment(ref _incremental);
            return continued with { Marks = MarksOf(continued, cancelled) };
        }
        Interlocked.Increment(ref _whole);
        if (state is null || settings.HasModelOf(state.Settings)) // :: 2
            return Whole(turn, state, settings, cancelled) with { WholeBecause = because };
        return Whole(turn, null, settings, cancelled) with // another model's tokens mean nothing here
            { MissReason = MissReasons.Model, WholeBecause = WholeReasons.Model };
    }

    /// <summary>
    /// What the prompt of any next question begins with, where it is not what was computed; null where it is, or little is missing.
    /// </summary>
    /// <param name="turn">The turn that ended.</param>
    /// <param name="state">What it left.</param>
    /// <param name="kept">Its response.</param>
    /// <param name="tokensMin">Tokens that must be missing.</param>
    /// <param name="cancelled">Ends it early.</param>
    /// <exception cref="TemplateException">The template refuses the conversation.</exception>
    public TokenPath? Next(BackendTurn turn, EmbeddedState state, ChainNode kept, int tokensMin, CancellationToken cancelled)
    {
        var (context, cleared) = (new TurnContext(kept, [ItemWriter.UserText("a")]), state.Settings.Cleared);
        var question = turn with { Context = context with { Cleared = cleared }, Report = new BackendReport() };
        if (state.ItemsDropped > 0 || continuation.Plan(question, state, state.Settings, cancelled, out _) is not null) return null;
        var builder = new MessageBuilder(room, new CallNames(), ToolCatalog.Empty.With(turn.Tools), isStart: true);
        builder.AddInstructions(turn.Instructions);
        ContextMessages.AddAll(builder, context with { Input = [], Cleared = cleared }, cut: 0);
        var messages = builder.Finish();
        var tokens = WarmUp(new Conversation(builder.Lead, builder.LeadTools, messages), state.Settings, cancelled);
        var path = TokenPaths.Share(state.Path, tokens, out var common, out _);
        return tokens.Length - common < tokensMin ? null : path;
    }

    /// <summary>What all conversations begin with that begin as this one does, and where it is to be saved on the way. :: 3</summary>
    /// <exception cref="TemplateException">The template refuses the conversation.</exception>
    /// <exception cref="PromptTooLongException">It is far too long.</exception>
    public (int[] Tokens, IReadOnlyList<PromptMark> Marks) Prefix(BackendTurn turn, CancellationToken cancelled)
    {
        var settings = SettingsOf(turn);
        var builder = new MessageBuilder(room, new CallNames(), ToolCatalog.Empty.With(turn.Tools), isStart: true);
        builder.AddInstructions(turn.Instructions);
        ContextMessages.AddAll(builder, turn.Context, cut: 0);
        var messages = builder.Finish();
        var conversation = new Conversation(builder.Lead, builder.LeadTools, messages);
        var tokens = WarmUp(conversation, settings, cancelled);
        if (marks is null) return (tokens, []);
        var end = new PromptMark(tokens.Length, MarkKind.StableStart);
        var start = StableStart(conversation, settings, cancelled);
        return (tokens, start > 0 && start < tokens.Length ? [new(start, MarkKind.StableStart), end] : [end]);
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
            var plan = Whole(turn, state, settings, cancelled, cut);
            return (plan with { MissReason = MissReasons.Truncated, WholeBecause = WholeReasons.LeftOut }, false);
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
        new(room.Model, turn.Instructions, turn.Tools.Json, turn.Request.ReasoningEffort) 
        { Variables = turn.Request.TemplateVariables, Cleared = turn.Context.Cleared };

    /// <param name="cut">Where the conversation begins behind its lead; 0 for all of it.</param>
    private PromptPlan Whole(
        BackendTurn turn, EmbeddedState? state, PromptSettings settings, CancellationToken cancelled, int cut = 0)
    {
        var builder = new MessageBuilder(room, new CallNames(), ToolCatalog.Empty.With(turn.Tools), isStart: true);
        builder.AddInstructions(turn.Instructions);
        var dropped = ContextMessages.AddAll(builder, turn.Context, cut);
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
            ReasoningSinceUser = ContextMessages.ReasoningSinceUser(messages, before: false),
            TextEnd = textEnd,
            Shared = common,
            Copied = copied,
            IsIncremental = false,
            Marks = MarksOf(turn, conversation, settings, tokens, cancelled),
            ItemsDropped = dropped,
            SpellsMark = room.HasMark(builder.Lead) || messages.Exists(room.IsMarked)
                || (turn.Request.ContinuesAnswer && room.HasMark(messages[^1].Text)),
            IsAsWritten = dropped == 0,
            HeadName = PromptHead.NameOf(builder.Lead, builder.LeadTools.Tools),
            Skeleton = dropped == 0 ? PromptSkeleton.Of(messages) : null,
            Likeness = state?.Likeness == Likeness.Unlike && dropped == 0 ? Likeness.Unlike : Likeness.Unknown,
            MissReason = state is null || common == state.Path.Length ? null : settings.ChangeFrom(state.Settings) ?? MissReasons.Rewritten,
            Prepared = state?.PreparedTokens ?? 0,
        };
    }

    /// <summary>The places of a prompt of which only what is new was rendered.</summary>
    private IReadOnlyList<PromptMark> MarksOf(PromptPlan plan, CancellationToken cancelled) => marks is null ? []
        : marks.Of(plan.Path.Length, plan.Path.ToArray(plan.Shared), plan.Added, stableStart: 0, Opening(plan.Settings, cancelled));

    private IReadOnlyList<PromptMark> MarksOf(
        BackendTurn turn, Conversation conversation, PromptSettings settings, int[] tokens, CancellationToken cancelled)
    {
        if (marks is null) return [];
        if (!turn.Request.Generate) // all of it is what comes next will begin with
            return [new(tokens.Length, conversation.Messages.Count == 0 ? MarkKind.StableStart : MarkKind.QuestionStart)];
        var start = StableStart(conversation, settings, cancelled);
        var isBegun = turn.Request.ContinuesAnswer; // and nothing opens it
        return marks.Of(tokens.Length, tokens, isBegun ? [] : conversation.Messages, start, isBegun ? 0 : Opening(settings, cancelled));
    }

    private int StableStart(Conversation conversation, PromptSettings settings, CancellationToken cancelled)
    {
        var head = $"{PromptHead.NameOf(conversation.Lead, conversation.Tools.Tools)}\0{settings.Effort}\0{settings.Variables}";
        return marks!.StableStart(head, () => WarmUp(conversation with { Messages = [] }, settings, cancelled));
    }

    private int Opening(PromptSettings settings, CancellationToken cancelled) => marks!.Opening(settings, isOpened =>
        Tokens(new Conversation("", ToolCatalog.Empty, []), settings, [new(PromptRole.User, "a")], isOpened, cancelled).Tokens);

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
        var frame = RenderFrame.Of(ToolText.Values(tools, control), settings, generate);
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
        var frame = RenderFrame.Of(ToolText.Values(tools, control), settings, generate: false);
        var text = renderer.Render(fitted, frame, cancelled);
        var end = text.LastIndexOf(StandIns.Anchor, StringComparison.Ordinal);
        if (end >= 0) return Tokens(text[..end], cancelled);
        var param = ContextMessages.Param(turn.Context, turn.Context.Input.Count - 1);
        throw new ApiException(Errors.ConversationRefused, "it does not write the assistant's last message", param);
    }

    private (int[] Tokens, string TextEnd) Tokens(string text, CancellationToken cancelled)
    {
        var tokens = control.Tokenize(text, cancelled);
        var begin = control.Tokenizer is { AddsBeginOfText: true, BeginOfText: { } token } && !control.BeginsWith(text, token)
            ? (int?)token : null;
        return (begin is null ? tokens : [begin.Value, .. tokens], ContextMessages.End(text));
    }

    private sealed record Conversation(string Lead, ToolCatalog Tools, IReadOnlyList<PromptMessage> Messages);
}
