using Microsoft.Extensions.Logging;
using Samovar.Accounting;
using Samovar.Metering;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>
/// Reports how a turn ended. Whatever breaks on the way, the client gets one answer, the lane goes on, the record is written.
/// </summary>
/// <remarks>Nothing here throws: each step runs alone, and the others come even if it breaks.</remarks>
internal sealed partial class TurnEnding(TurnWatch watch, ILogger logger)
{
    /// <summary>The turn's figures, once its end was reported.</summary>
    public void Record(TurnState turn, Response? last, ApiException? error)
    {
        RequestRecord record;
        try { record = turn.Record(last, error); }
        catch (Exception exception) // the turn
        {
            NoteBroken(turn.Id, exception);
            return;
        }
        turn.Spent = record.Usage;
        turn.Quota?.End(record.Usage);
        if (turn.Times.Trace is { } trace) (trace.Cache, trace.Outcome) = (turn.Cache, EndOf(record));
        Write(turn.Id, record);
        turn.Request.Tally?.Add(record.BytesFromClient, record.BytesStateless);
        Try(turn.Id, (turn, record), static of => of.turn.EndSpan(of.record));
    }

    /// <summary>A turn that ran at another node, where its figures are; here its record says that it did.</summary>
    public void RecordElsewhere(TurnState turn) => Record(turn, last: null, error: null);

    /// <summary>A request that never became a turn leaves its record, too.</summary>
    public void Refused(TenantId tenant, CreateRequest request, ApiException error) => Write(id: null, new RequestRecord
    {
        Tenant = tenant,
        Previous = request.PreviousResponseId,
        Lane = request.Lane,
        Outcome = "refused",
        ErrorCode = error.Kind.Code,
        BytesFromClient = request.Bytes,
        BytesStateless = request.Bytes,
        Thread = request.Hints.Thread ?? request.Hints.Session,
        ParentThread = request.Hints.ParentThread ?? request.Hints.ParentSession,
        ClientTurn = request.ClientTurn,
    });

    /// <summary>A turn of which not even the beginning could be made.</summary>
    /// <returns>The error that the client gets.</returns>
    public ApiException NotBegun(TurnRequest request, Exception exception)
    {
        var error = exception as ApiException ?? new ApiException(Errors.Internal, [], cause: exception);
        Try(id: null, () => Log.NotBegun(logger, exception));
        Refused(request.Tenant, request.Request, error);
        return error;
    }

    /// <summary>Ends a turn that failed, or refuses one that did not begin.</summary>
    public void Fail(TurnState turn, Exception exception)
    {
        if (turn.Events?.Log.IsEnded == true)
        {
            Try(turn.Id, () => Log.Broken(logger, turn.Id, exception)); // the client has its end; only a bug of ours comes here
            return;
        }
        turn.Quota?.LetGo();
        var error = turn.Life.Explain(exception);
        var isCancelled = turn.Life.IsCancelledByClient;
        if (error.Kind == Errors.Internal) Try(turn.Id, () => Log.Broken(logger, turn.Id, exception));
        Try(turn.Id, () => turn.Request.Parents.Fail(turn.Request.Request.PreviousResponseId, FailureOf(turn, error, isCancelled)));
        var last = turn.Events is { } events ? Report(turn, events, error, isCancelled) : null;
        if (turn is { Events: null, Carried: { } carried }) Try(turn.Id, () => carried.End(isCancelled ? null : error));
        if (turn is { Events: null, Carried: null }) turn.Refuse(error);
        else Try(turn.Id, turn.Publish);
        Try(turn.Id, () => Log.Failed(logger, turn.Id, error.Kind.Code));
        Try(turn.Id, () => turn.Failed(last, error));
    }

    /// <summary>
    /// Records a turn that failed, now that its backend has let go and said what it cost; lets go of all that the turn held.
    /// </summary>
    public void Close(TurnState turn)
    {
        if (turn.Failure is { } failure) Record(turn, failure.Last, failure.Error);
        Try(turn.Id, turn, static turn => turn.Dispose());
        if (turn.Times.Trace is { } trace) Try(turn.Id, (watch.Traces, trace), static of => of.Traces.End(of.trace));
        if (watch.Traces.ExportsStages) Try(turn.Id, turn, static turn => turn.ExportStages());
    }

    /// <summary>The terminal event; where it cannot be written, one that says no more than that.</summary>
    private Response Report(TurnState turn, TurnEvents events, ApiException error, bool isCancelled)
    {
        var last = events.Response with { Status = isCancelled ? ResponseStatus.Cancelled : ResponseStatus.Failed, Usage = null };
        if (Try(turn.Id, () =>
            {
                last = last with
                {
                    Output = isCancelled ? [] : events.ItemsDone,
                    Error = isCancelled ? null : ErrorBody.OfResponse(error),
                };
                events.PublishEnd(events.Prepare(last));
            }))
            return last;
        last = new Response
        {
            Id = last.Id,
            CreatedAt = last.CreatedAt,
            Model = last.Model,
            Request = new CreateRequest { Store = last.Request.Store },
            Status = ResponseStatus.Failed,
            Error = ErrorBody.OfResponse(new ApiException(Errors.Internal)),
        };
        Try(turn.Id, () => events.PublishEnd(events.Prepare(last)));
        return last;
    }

    private static TurnFailure FailureOf(TurnState turn, ApiException error, bool isCancelled)
    {
        if (isCancelled) return TurnFailure.Cancelled;
        if (error.Kind == Errors.PreviousResponseNotFound) return TurnFailure.ParentNotFound;
        var isNotLookedAt = error.Kind == Errors.RateLimited || error.Kind == Errors.QuotaReached
            || error.Kind == Errors.QuotaReachedOnSocket || error.Kind == Errors.ServerOverloaded
            || error.Kind == Errors.ServerStopping || error.Kind == Errors.InvalidApiKey || error.Kind == Errors.StoreUnavailable;
        return turn.Events is null && isNotLookedAt ? TurnFailure.NotAdmitted : TurnFailure.Failed;
    }

    private static TraceEnd EndOf(RequestRecord record) => new(record.Outcome, record.ErrorCode, record.Usage.InputTokens,
        record.Usage.CachedTokens, record.Usage.OutputTokens) { Resumes = record.Resumes, Miss = record.MissCause, Taken = record.Taken };

    private void Write(ResponseId? id, RequestRecord record)
    {
        Try(id, (watch.Metrics, record), static to => to.Metrics.Ended(to.record));
        Try(id, (watch.Requests, record), static to => to.Requests.Write(to.record));
    }

    private bool Try(ResponseId? id, Action step) => Try(id, step, static step => step());

    private bool Try<T>(ResponseId? id, T of, Action<T> step)
    {
        try
        {
            step(of);
            return true;
        }
        catch (Exception exception) // the turn
        {
            NoteBroken(id, exception);
            return false;
        }
    }

    private void NoteBroken(ResponseId? id, Exception exception) => GuardedLog.Write(() => Log.EndBroke(logger, id, exception));

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "Turn {ResponseId} failed: {Code}")]
        public static partial void Failed(ILogger logger, ResponseId responseId, string code);

        [LoggerMessage(2002, LogLevel.Error, "Turn {ResponseId} broke")]
        public static partial void Broken(ILogger logger, ResponseId responseId, Exception exception);

        [LoggerMessage(2005, LogLevel.Error, "The end of turn {ResponseId} could not be reported in full")]
        public static partial void EndBroke(ILogger logger, ResponseId? responseId, Exception exception);

        [LoggerMessage(2008, LogLevel.Error, "A turn could not begin")]
        public static partial void NotBegun(ILogger logger, Exception exception);
    }
}
