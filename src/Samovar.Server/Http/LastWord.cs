using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Samovar.Server.Http;

/// <summary>
/// What a connection sends: all that the listener writes, up to a last answer of the server's own in place of the listener's.
/// </summary>
internal sealed class LastWord(PipeWriter to) : PipeWriter
{
    private byte[]? _answer;
    private byte[] _listeners = []; // what the listener writes instead
    private bool _isSaid;

    public override bool CanGetUnflushedBytes => to.CanGetUnflushedBytes;
    public override long UnflushedBytes => to.UnflushedBytes;

    /// <summary>Lets what a connection sends go through here.</summary>
    public static ConnectionDelegate Before(ConnectionDelegate next) => connection =>
    {
        var output = new LastWord(connection.Transport.Output);
        connection.Transport = new Transport(connection.Transport.Input, output);
        connection.Features.Set(output);
        return next(connection);
    };

    /// <summary>Puts this in the place of the answer that the listener is about to write, and sends nothing after it.</summary>
    /// <remarks>Not in the place of a frame that tells a client of HTTP/2 to use HTTP/1.1.</remarks>
    public void Say(byte[] answer) => _answer ??= answer;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _answer is null ? to.GetMemory(sizeHint) : Listeners(sizeHint);
    public override Span<byte> GetSpan(int sizeHint = 0) => _answer is null ? to.GetSpan(sizeHint) : Listeners(sizeHint);

    public override void Advance(int bytes)
    {
        if (_answer is null)
        {
            to.Advance(bytes);
        }
        else if (!_isSaid && bytes > 0)
        {
            var isAnswer = _listeners[0] == 'H'; // HTTP/1.1 400 Bad Request
            to.Write(isAnswer ? _answer : _listeners.AsSpan(0, bytes));
            (_isSaid, _answer) = (isAnswer, isAnswer ? _answer : null);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => to.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        _answer is null ? to.WriteAsync(source, cancellationToken) : base.WriteAsync(source, cancellationToken);

    public override void CancelPendingFlush() => to.CancelPendingFlush();
    public override void Complete(Exception? exception = null) => to.Complete(exception);
    public override ValueTask CompleteAsync(Exception? exception = null) => to.CompleteAsync(exception);

    private byte[] Listeners(int sizeHint)
    {
        const int usual = 4096;
        return _listeners.Length > 0 && _listeners.Length >= sizeHint ? _listeners : _listeners = new byte[Math.Max(sizeHint, usual)];
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
