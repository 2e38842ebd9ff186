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

    /// <summary>An error of this request alone.</summary>
    public sealed record Error(LaneId Lane, ApiException Exception) : Reply(Lane)
    {
        private const int OwnBytes = 1024;

        /// <summary>What the error is counted by while it waits: its text may say again what the client said.</summary>
        public ByteClaim? Claim { get; init; }

        /// <summary>What it holds.</summary>
        public long Bytes => OwnBytes + 2 * sizeof(char) * (long)Exception.Message.Length;

        public override void Release() => Claim?.Dispose();

        public override Task WriteToAsync(FrameWriter writer, CancellationToken socketEnds) =>
            writer.WriteAsync(FrameText.Error(Exception, Lane), socketEnds);
    }

    /// <summary>A steering frame is refused, at once: it is about a turn that runs, and waits for none.</summary>
    public sealed record SteerFailed(ClientFrame.Steer Frame, ApiException Exception) : Reply(Frame.Lane)
    {
        private static readonly LaneId BesideAll = new("(steering)"); // no client can name it

        public ByteClaim? Claim { get; init; }
        public override LaneId Line => BesideAll;

        public override void Release() => Claim?.Dispose();

        public override Task WriteToAsync(FrameWriter writer, CancellationToken socketEnds) =>
            writer.WriteAsync(ErrorBody.SteerFailed(Exception, Lane, Frame.Previous, Frame.Input), socketEnds);
    }

    /// <summary>A turn's events, read from its log at the socket's own pace. Nothing follows the terminal one.</summary>
    public sealed record Turn(LaneReply Running) : Reply(Running.Lane)
    {
        public override async Task WriteToAsync(FrameWriter writer, CancellationToken socketEnds)
        {
            var (log, refusal) = await BeganAsync();
            if (log is null)
            {
                await writer.WriteAsync(FrameText.Error(refusal!, Lane), socketEnds);
                return;
            }
            var isEnded = false;
            using var reader = Running.Open(log);
            while (!isEnded && await reader.WaitAsync(socketEnds)) isEnded = await writer.WriteAsync(reader, Running, socketEnds);
            if (!isEnded && !Running.MayBeEmpty(reader))
                await writer.WriteAsync(FrameText.Error(Running.Fault(reader), Lane), socketEnds);
        }

        private async Task<(EventLog? Log, ApiException? Refusal)> BeganAsync()
        {
            try { return (await Running.Began, null); }
            catch (ApiException exception) { return (null, exception); }
        }
    }
}
