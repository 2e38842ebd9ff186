using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Scheduling.Budgets;
using Samovar.Sessions;
using Samovar.Turns;

namespace Samovar.Server.WebSockets;

/// <summary>What one frame is answered with, in its lane.</summary>
internal abstract record Reply(LaneId Lane)
{
    /// <summary>Replies of one line are written one after the other: a lane's own, unless it waits for none.</summary>
    public virtual LaneId Line => Lane;

    public abstract Task WriteToAsync(FrameWriter writer, CancellationToken socketEnds);

    /// <summary>It was written, or never will be: nothing is held for it any more.</summary>
    public virtual void Release() { }

    private static readonly LaneId BesideAll = new("(steering)"); // no client can name it

    /// <summary>An error of this request alone.</summary>
    public sealed record Error(LaneId Lane, ApiException Exception) : Reply(Lane)
    {
        private const int OwnBytes = 1024;

        /// <summary>Whether the frame was about a turn that runs, whose end the error does not wait for.</summary>
        public bool IsBeside { get; init; }
        public override LaneId Line => IsBeside ? BesideAll : Lane;

        /// <summary>What the error is counted by while it waits: its text may say again what the client said.</summary>
        public ByteClaim? Claim { get; init; }

        /// <summary>Whether nothing is taken behind it: the public protocol closes a connection that injects nonsense.</summary>
        public bool EndsConnection { get; init; }

        /// <summary>What it holds.</summary>
        public long Bytes => OwnBytes + 2 * sizeof(char) * (long)Exception.Message.Length;

        public override void Release() => Claim?.Dispose();

        public override Task WriteToAsync(FrameWriter writer, CancellationToken socketEnds) =>
            writer.WriteAsync(FrameText.Error(Exception, Lane), socketEnds);
    }

    /// <summary>Something that was said to a running response is refused, at once: it waits for none.</summary>
    /// <param name="Refusal">Why.</param>
    /// <param name="Event">The event that says so.</param>
    public sealed record SteerRefused(SteerRefusal Refusal, byte[] Event) : Reply(Refusal.Stream)
    {
        public ByteClaim? Claim { get; init; }
        public override LaneId Line => BesideAll;

        public override void Release() => Claim?.Dispose();

        public override Task WriteToAsync(FrameWriter writer, CancellationToken socketEnds) => writer.WriteAsync(Event, socketEnds);
    }

    /// <summary>
    /// A turn's events, read from its log at the socket's own pace, and those of the turns that follow it by themselves, because its client
    /// said something meanwhile.
    /// </summary>
    public sealed record Turn(LaneReply Running) : Reply(Running.Lane)
    {
        public override async Task WriteToAsync(FrameWriter writer, CancellationToken socketEnds)
        {
            var number = 0L; // of events behind a response's own
            for (var turn = Running; turn is not null;)
            {
                await WriteAsync(turn, number, writer, socketEnds);
                if (!turn.IsSteered) return; // the usual case
                var outcome = await turn.Outcome.WaitAsync(socketEnds);
                number = outcome.Number + outcome.SentBack.Count;
                for (var at = 0; at < outcome.SentBack.Count; at++)
                {
                    var (steer, error) = outcome.SentBack[at];
                    await writer.WriteAsync(steer.Failed(error, Lane, outcome.Number + at), socketEnds);
                }
                foreach (var notice in Notices(outcome, number)) await writer.WriteAsync(notice, socketEnds);
                turn = outcome is SteerOutcome.Followed next ? turn.FollowedBy(next) : null;
            }
        }

        private async Task WriteAsync(LaneReply turn, long number, FrameWriter writer, CancellationToken socketEnds)
        {
            var (log, refusal) = await BeganAsync(turn);
            if (log is null)
            {
                foreach (var text in Refused(turn, refusal!, number)) await writer.WriteAsync(text, socketEnds);
                return;
            }
            var isEnded = false;
            using var reader = turn.Open(log);
            while (!isEnded && await reader.WaitAsync(socketEnds)) isEnded = await writer.WriteAsync(reader, turn, socketEnds);
            if (!isEnded && !turn.MayBeEmpty(reader))
                await writer.WriteAsync(FrameText.Error(turn.Fault(reader), Lane), socketEnds);
        }

        /// <summary>A turn that its client asked for is refused as it is, one that was to follow by itself in steering's words.</summary>
        private IEnumerable<ReadOnlyMemory<byte>> Refused(LaneReply turn, ApiException refusal, long number)
        {
            if (turn.Committing.Count == 0) return [FrameText.Error(refusal, Lane)];
            var error = new ApiException(Errors.SuccessorFailed, refusal.Message);
            return Failed(turn.Committing, error, number);
        }

        private IEnumerable<ReadOnlyMemory<byte>> Notices(SteerOutcome outcome, long number) => outcome switch
        {
            SteerOutcome.Failed failed => Failed(failed.Steers, failed.Error, number),
            SteerOutcome.Waiting waiting => waiting.Steers.Where(steer => steer.Id is not null).Select((steer, at) =>
                (ReadOnlyMemory<byte>)SteerBody.Pending(steer.Id!.Value, steer.Response, Lane, number + at, waiting.Calls)),
            _ => [],
        };

        private IEnumerable<ReadOnlyMemory<byte>> Failed(IReadOnlyList<Steer> steers, ApiException error, long number) =>
            steers.Select((steer, at) => (ReadOnlyMemory<byte>)steer.Failed(error, Lane, number + at));

        private static async Task<(EventLog? Log, ApiException? Refusal)> BeganAsync(LaneReply turn)
        {
            try { return (await turn.Began, null); }
            catch (ApiException exception) { return (null, exception); }
        }
    }
}
