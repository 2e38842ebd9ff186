using System.Text;
using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Compaction;

/// <summary>
/// A summary while its model writes it. Whatever fails here ends the summary, not the turn; only its caller's end is passed on.
/// </summary>
internal sealed class SummaryRun : IAsyncDisposable
{
    private readonly IAsyncEnumerator<BackendEvent> _events;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _ends;
    private readonly CancellationToken _turnCancelled;
    private readonly BackendTurn _turn;
    private readonly StringBuilder _text = new();
    private bool _isMessage, _isLeft;

    public SummaryRun(IBackend backend, BackendTurn turn, TimeSpan timeMax, TimeProvider time, CancellationToken turnCancelled)
    {
        (_turn, _turnCancelled) = (turn, turnCancelled);
        _deadline = new(timeMax, time);
        _ends = CancellationTokenSource.CreateLinkedTokenSource(turnCancelled, _deadline.Token);
        _events = backend.RunAsync(turn, _ends.Token).GetAsyncEnumerator(_ends.Token);
    }

    /// <summary>Why there is no summary; null where there is one, or may still be.</summary>
    public string? Fault { get; private set; }

    public string Text => _text.ToString();

    /// <summary>What it has cost.</summary>
    public Usage Usage { get; private set; } = Usage.Zero;

    /// <summary>How it was served.</summary>
    public BackendReport Report => _turn.Report;

    /// <summary>That it runs; null where nobody takes it.</summary>
    public async ValueTask<BackendEvent.Accepted?> AcceptedAsync() => await NextAsync() as BackendEvent.Accepted;

    public async ValueTask ReadAsync()
    {
        while (Fault is null && await NextAsync() is { } e)
        {
            switch (e)
            {
                case BackendEvent.MessageStarted: _isMessage = true; break;
                case BackendEvent.FunctionCallStarted or BackendEvent.CustomCallStarted: Fault = "call"; break;
                case BackendEvent.ReasoningStarted or BackendEvent.CarriedStarted: _isMessage = false; break;
                case BackendEvent.Delta delta when _isMessage: _text.Append(delta.Text); break;
                case BackendEvent.RefusalDelta: Fault = "refused"; break;
                case BackendEvent.ItemDone done when _isMessage && _text.Length == 0: _text.Append(TextOf(done)); break;
                case BackendEvent.Finished finished: End(finished); return;
            }
        }
        Fault ??= "failed";
    }

    private void End(BackendEvent.Finished finished)
    {
        Usage = finished.Usage ?? Usage.Zero;
        finished.State?.Release();
        if (finished.IncompleteReason is not null) Fault = "longer";
    }

    private static string TextOf(BackendEvent.ItemDone done) =>
        (done.Item ?? (done.Whole.IsEmpty ? null : ItemReader.ReadOrKeep(done.Whole, ProtocolLimits.Peer))) is MessageItem message
            ? ItemText.Of(message.Content) : "";

    private async ValueTask<BackendEvent?> NextAsync()
    {
        try
        {
            return await _events.MoveNextAsync() ? _events.Current : null;
        }
        catch (Exception exception) when (!_turnCancelled.IsCancellationRequested && !IsSealed(exception)) // the turn goes on without it
        {
            Fault = _deadline.IsCancellationRequested ? "timeout" : exception is ApiException api ? api.Kind.Code : "failed";
            return null;
        }
    }

    /// <summary>Whether what is before cannot be read at all: what was made of it could not be read either.</summary>
    private static bool IsSealed(Exception exception) => exception is ApiException refusal && refusal.Kind.Code == Errors.CannotOpen.Code;

    public async ValueTask DisposeAsync()
    {
        if (_isLeft) return; // when it was read
        _isLeft = true;
        try { _ends.Cancel(); }
        catch (AggregateException) { /* callbacks of the backend; it is left all the same */ }
        try { await _events.DisposeAsync(); }
        catch (Exception exception) when (exception is not OutOfMemoryException) { Fault ??= "failed"; }
        if (Usage == Usage.Zero) Usage = _turn.Report.Spent;
        _ends.Dispose();
        _deadline.Dispose();
    }
}
