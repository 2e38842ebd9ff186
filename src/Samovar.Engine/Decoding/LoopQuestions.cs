namespace Samovar.Engine.Decoding;

/// <summary>What other threads have the engine's thread do or answer between two rounds. Safe for all threads.</summary>
/// <remarks>Once that thread has ended nothing is done any more, and whoever waits for an answer is told that there is none.</remarks>
/// <param name="wake">There is one more.</param>
internal sealed class LoopQuestions(Action wake)
{
    private readonly Lock _gate = new();
    private readonly Queue<Question> _waiting = new(); // bounded by who asks: one at a time each
    private bool _isClosed;

    /// <summary>Has something done; what is asked must be short.</summary>
    public void Ask(Action question) => Ask(new Question(question, null));

    /// <summary>Has something answered; null where the engine's thread has ended, or does before it comes to it.</summary>
    public Task<T?> AskAsync<T>(Func<T> question, CancellationToken caller) where T : class
    {
        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Ask(new Question(Answer, () => answer.TrySetResult(null)));
        return answer.Task.WaitAsync(caller);

        void Answer()
        {
            try { answer.TrySetResult(question()); }
            catch (Exception exception) { answer.TrySetException(exception); } // the question: the engine's turns go on
        }
    }

    /// <summary>Does those that wait now; what comes meanwhile waits a round. The engine's thread.</summary>
    public void Answer()
    {
        for (var left = Count(); left > 0 && Take() is { } question; left--) question.Do();
    }

    /// <summary>The engine's thread has ended.</summary>
    public void Close()
    {
        lock (_gate) _isClosed = true;
        while (Take() is { } question) question.Leave?.Invoke();
    }

    private void Ask(Question question)
    {
        bool isTooLate;
        lock (_gate)
        {
            isTooLate = _isClosed;
            if (!isTooLate) _waiting.Enqueue(question);
        }
        if (isTooLate) question.Leave?.Invoke();
        else wake();
    }

    private int Count()
    {
        lock (_gate) return _waiting.Count;
    }

    private Question? Take()
    {
        lock (_gate) return _waiting.TryDequeue(out var question) ? question : null;
    }

    /// <param name="Do">By the engine's thread.</param>
    /// <param name="Leave">Instead, where that has ended.</param>
    private sealed record Question(Action Do, Action? Leave);
}
