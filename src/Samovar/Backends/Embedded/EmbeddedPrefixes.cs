using Microsoft.Extensions.Logging;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded;

/// <summary>Prefixes of the model in this process: a prompt that samples nothing, whose state then stays.</summary>
/// <remarks>What prefixes may take is a part of the host memory for what waits, so that what runs never lacks it for them.</remarks>
internal sealed partial class EmbeddedPrefixes(
    ISequenceEngine engine, EmbeddedModel model, string name, HistoryPreparer preparer, ILogger logger) : IPrefixKeeping
{
    public ValueTask<PrefixPlan> PlanAsync(BackendTurn turn, CancellationToken caller)
    {
        try
        {
            var (tokens, marks) = model.Planner.Prefix(turn, caller);
            return tokens.Length <= engine.Model.ContextTokens
                ? new(new PrefixPlan(name, engine.Model.Identity, TokenPath.Empty.Append(tokens), marks))
                : throw EngineRefusals.TooLong(tokens.Length, engine.Model.ContextTokens);
        }
        catch (TemplateException refusal) { throw ContextMessages.Refused(turn.Context, refusal); }
        catch (PromptTooLongException tooLong)
        {
            throw EngineRefusals.TooLong(tooLong.TokensAtLeast, engine.Model.ContextTokens);
        }
    }

    public bool IsLoaded(string model) => true;

    public async Task<PrefixWarmth> WarmAsync(PrefixPlan plan, PrefixOwner owner, Action<int> computed, CancellationToken dropped)
    {
        if (plan.Identity != engine.Model.Identity) throw new ApiException(Errors.ModelNotFound, plan.Model, "model");
        var room = RoomOf(owner);
        var least = (long)plan.Path.Length * engine.Model.StateBytesPerToken;
        if (least > room.ScopeBytesMax) throw TooLarge(least, room.ScopeBytesMax);
        using var busy = preparer.Begin(null);
        var admission = engine.Begin(new EngineTurnSpec
        {
            Namespace = owner.Tenant.Value, Flow = owner.Flow, Prompt = plan.Path, Marks = plan.Marks, OutputTokensMax = 0,
            IsStored = owner.IsStored, Keeps = room,
        });
        if (admission is not EngineAdmission.Admitted { Turn: var running }) throw EngineRefusals.Refused(admission, grammar: null);
        await using var cancelling = dropped.UnsafeRegister(static state => ((EngineTurn)state!).Cancel(), running);
        var end = await running.Ended;
        computed(end.PrefilledTokens);
        end.Pin?.Dispose();
        return Kept(plan, end, dropped);
    }

    public async Task<IReadOnlyList<ModelPrefixes>> SurveyAsync(
        TenantId tenant, IReadOnlyList<KeptPrefix> kept, int startsMax, int tokensMin, CancellationToken caller) =>
        await engine.PrefixesAsync(tenant.Value, kept, startsMax, tokensMin, caller) is { } survey
            ? [new ModelPrefixes(name, engine.Model.Identity, survey)] : [];

    private PrefixRoom RoomOf(PrefixOwner owner)
    {
        var all = engine.Counters.ParkedBytesMax;
        return new PrefixRoom((long)(all * owner.Share), (long)(all * owner.Share * owner.TenantShare));
    }

    private PrefixWarmth Kept(PrefixPlan plan, EngineTurnEnd end, CancellationToken dropped)
    {
        switch (end)
        {
            case { Keeping: PrefixKeeping.Kept kept } when dropped.IsCancellationRequested:
                kept.Prefix.Dispose();
                throw new OperationCanceledException(dropped);
            case { Keeping: PrefixKeeping.Kept kept }:
                return new PrefixWarmth(kept.Prefix, end.CachedTokens, end.PrefilledTokens, end.Source);
            case { Keeping: PrefixKeeping.TooLarge large }:
                throw TooLarge(large.Bytes, large.BytesMax);
            case { Keeping: PrefixKeeping.Full full }:
                throw new ApiException(Errors.PrefixesFull, full.Own, "request");
            case { Keeping: PrefixKeeping.NoRoom }:
                var room = engine.Counters.ParkedBytesMax;
                throw TooLarge((long)plan.Path.Length * engine.Model.StateBytesPerToken + engine.Model.StateBytesPerSequence, room);
            case { Kind: EngineTurnEndKind.Cancelled }:
                dropped.ThrowIfCancellationRequested();
                throw new ApiException(Errors.ServerStopping); // its engine is going
            case { Kind: EngineTurnEndKind.Refused }:
                throw EngineRefusals.Overloaded(end.RetryAfter);
            default:
                Log.NotWarmed(logger, plan.Path.Length, end.Kind, end.Failure ?? "");
                throw new ApiException(Errors.Internal);
        }
    }

    private static ApiException TooLarge(long bytes, long most) => new(Errors.PrefixTooLarge, [bytes, most], "request");

    private static partial class Log
    {
        [LoggerMessage(6020, LogLevel.Error, "A prefix of {Tokens} tokens could not be warmed: {End}. {Failure}")]
        public static partial void NotWarmed(ILogger logger, int tokens, EngineTurnEndKind end, string failure);
    }
}
