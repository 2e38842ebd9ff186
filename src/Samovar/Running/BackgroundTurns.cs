using Microsoft.Extensions.Logging;
using Samovar.Budgets;
using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Turns;

namespace Samovar.Running;

/// <summary>Turns that nobody has to wait for: taken in and noted at once, run when there is a place, read whenever.</summary>
/// <remarks>
/// (1) what can be refused at once is (2) a place in the line (3) the turn is noted where it outlives the process, and only then its
/// client knows of it (4) it waits (5) it runs as any other, its events recorded (6) a bad end is noted before anybody sees it.
/// </remarks>
internal sealed partial class BackgroundTurns(
    TurnPipeline pipeline, TurnPlanner planner, RunningTurns turns, BackgroundLine line, RunningJournal journal, BackgroundOptions options,
    MemoryShares memory, TimeProvider time)
{
    private static readonly TimeSpan AgainMax = TimeSpan.FromSeconds(8); // a quota may be given more meanwhile

    /// <summary>Takes a turn in.</summary>
    /// <param name="request">The turn.</param>
    /// <param name="held">What is given back when it is over; the caller's where this throws.</param>
    /// <param name="caller">Its client, as long as it can still be refused.</param>
    /// <exception cref="ApiException">It is refused.</exception>
    public async Task<BackgroundStart> StartAsync(TurnRequest request, IDisposable held, CancellationToken caller)
    {
        if (!journal.IsDurable) throw new ApiException(Errors.BackgroundNotDurable, [], "background");
        var conversation = await planner.OpenAsync(request, caller); // :: 1
        try
        {
            return await StartAsync(request with { Conversation = conversation }, new Held(held, conversation), caller);
        }
        catch
        {
            if (conversation is not null) await conversation.DisposeAsync();
            throw;
        }
    }

    private async Task<BackgroundStart> StartAsync(TurnRequest request, Held held, CancellationToken caller)
    {
        var parent = await TurnPlanner.FindParentAsync(request, caller);
        var plan = await planner.PlanAsync(request, parent, caller);
        var place = line.Enter(request.Flow); // :: 2
        var turn = turns.MakeBackground(new ReplayOwner(request.Tenant, request.Flow), request.Request.Stream, request.Parents);
        try
        {
            var input = turn.Input = new RunningInput(plan.Context.Parent?.Id, plan.Context.Input);
            var since = time.GetUtcNow();
            Announce(turn, Queued(turn.Id, since, plan, request), request.Events);
            await journal.NoteAsync(turn, input); // :: 3
            turns.Enter(turn);
            var named = request with
            {
                Id = turn.Id, Parents = turn.Parents!, Queued = new(since, turn.Log.NextNumber), Resumes = () => turn.Resumes,
            };
            var start = new BackgroundStart(turn, turn.Snapshot());
            turns.Keep(RunAsync(turn, named, place, held));
            return start;
        }
        catch
        {
            place.Dispose();
            turn.Dispose(); // its first events are counted
            throw;
        }
    }

    /// <summary>Nothing new is taken in, and what waits fails; ends when nothing runs any more.</summary>
    public Task CloseAsync()
    {
        line.Close();
        return turns.IdleAsync();
    }

    private static Response Queued(ResponseId id, DateTimeOffset since, TurnPlan plan, TurnRequest request) => new()
    {
        Id = id,
        CreatedAt = since,
        Status = ResponseStatus.Queued,
        Model = plan.Route.Model,
        Request = plan.Settings,
        Instructions = plan.Instructions,
        Tools = plan.Tools,
        PreviousResponseId = request.Request.PreviousResponseId,
        Conversation = request.Request.Conversation,
        IsBackground = true,
    };

    private static void Announce(RunningTurn turn, Response response, ResponseEventOptions options)
    {
        ResponseEvent[] first = [new ResponseEvent.Created(response), new ResponseEvent.Queued(response)];
        foreach (var e in first)
            turn.Add(new LoggedEvent(turn.Log.NextNumber, EventNames.Of(e), default, IsTerminal: false) { Event = e, Options = options });
    }

    private async Task RunAsync(RunningTurn turn, TurnRequest request, BackgroundPlace place, Held held)
    {
        using var logs = new LogRoom(memory.Logs, request.Flow);
        using var announced = pipeline.Announce(request);
        try
        {
            await RunPlacedAsync(turn, request with { Logs = logs }, place, announced);
        }
        catch (Exception exception) // the turn
        {
            await held.ReleaseAsync(); // before anybody sees its end
            announced.GiveUp(turn.IsCancelled ? "cancelled" : "failed", turn.IsCancelled ? null : ErrorOf(exception).Kind.Code);
            await EndAsync(turn, exception);
        }
        finally
        {
            place.Dispose();
            turns.Over(turn); // from here on it has nothing of its request
            await held.DisposeAsync();
        }
    }

    private async Task RunPlacedAsync(RunningTurn turn, TurnRequest request, BackgroundPlace place, AnnouncedTurn announced)
    {
        var since = time.GetTimestamp();
        await place.Given.WaitAsync(options.QueueWaitMax, time, turn.Cancelled); // :: 4
        while (true)
        {
            var handle = pipeline.Begin(request with { Announced = announced.Trace }, CancellationToken.None); // :: 5
            turn.Follow(handle);
            var (log, full) = await BeganAsync(handle, PatienceOf(since));
            if (log is not null) await RecordAsync(turn, request, handle, log); // :: 6
            await handle.Ended;
            if (log is null)
            {
                announced.Wait();
                await PauseAsync(turn, full!, since);
            }
            else if (turn.IsEnded)
            {
                if (turn.Status is ResponseStatus.Completed or ResponseStatus.Incomplete)
                    await journal.ForgetAsync(turn.Owner.Tenant, turn.Id);
                return;
            }
            else throw new InvalidOperationException("The turn broke so badly that it could not say so.");
        }
    }

    /// <summary>Until another attempt is worth it.</summary>
    /// <exception cref="ApiException">There will be none: the server stops, or the turn has waited as long as it may.</exception>
    private async Task PauseAsync(RunningTurn turn, ApiException full, long since)
    {
        TimeSpan[] pauses = [full.RetryAfter ?? options.RetryAfter, AgainMax, PatienceOf(since)];
        if (await IsClosedWithinAsync(pauses.Min(), turn.Cancelled)) throw new ApiException(Errors.ServerRestart);
        if (PatienceOf(since) == TimeSpan.Zero) throw full;
    }

    private TimeSpan PatienceOf(long since) =>
        options.QueueWaitMax - time.GetElapsedTime(since) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    private async Task<bool> IsClosedWithinAsync(TimeSpan pause, CancellationToken cancelled)
    {
        try
        {
            await line.Closed.WaitAsync(pause, time, cancelled);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task RecordAsync(RunningTurn turn, TurnRequest request, TurnHandle handle, EventLog log)
    {
        try
        {
            await turn.RecordAsync(log, end => EndingAsync(turn, request, end));
        }
        catch
        {
            handle.Cancel();
            await handle.Ended; // until then it runs, and has what is held for it
            throw;
        }
    }

    /// <summary>Before anybody sees the end it is noted, and the conversation is free again.</summary>
    private async Task EndingAsync(RunningTurn turn, TurnRequest request, LoggedEvent end)
    {
        if (request.Conversation is { } conversation) await conversation.DisposeAsync();
        await journal.NoteEndAsync(turn, end);
    }

    /// <summary>A node that has no place just now, or a quota that is used up, is asked again: nobody waits at a socket.</summary>
    private static async Task<(EventLog? Log, ApiException? Full)> BeganAsync(TurnHandle handle, TimeSpan patience)
    {
        try
        {
            return (await handle.Began, null);
        }
        catch (ApiException error) when (IsForNow(error.Kind) && patience > TimeSpan.Zero)
        {
            return (null, error);
        }
    }

    private static bool IsForNow(ErrorKind kind) =>
        kind == Errors.ServerOverloaded || kind == Errors.QuotaReached || kind == Errors.QuotaReachedOnSocket;

    private async Task EndAsync(RunningTurn turn, Exception exception)
    {
        if (turn.IsEnded) return;
        var end = turn.EndWith(turn.IsCancelled ? null : ErrorOf(exception));
        await journal.NoteEndAsync(turn, end);
        turn.Add(end);
    }

    private ApiException ErrorOf(Exception exception) => exception switch
    {
        ApiException api => api,
        TimeoutException => new ApiException(Errors.TurnTimedOut, options.QueueWaitMax),
        _ => new ApiException(Errors.Internal, [], cause: exception),
    };

    /// <summary>What a turn has until it is over: its request's memory, and the conversation that it works on.</summary>
    private sealed record Held(IDisposable Request, ConversationHold? Conversation) : IAsyncDisposable
    {
        public ValueTask ReleaseAsync() => Conversation?.DisposeAsync() ?? ValueTask.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            Request.Dispose();
            await ReleaseAsync();
        }
    }
}

/// <summary>A turn that was taken in.</summary>
/// <param name="Turn">It, which may have run to its end already.</param>
/// <param name="Queued">The response as it was taken in, in JSON: what its client gets, however fast it runs.</param>
internal readonly record struct BackgroundStart(RunningTurn Turn, ReadOnlyMemory<byte> Queued);
