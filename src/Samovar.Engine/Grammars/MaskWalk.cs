namespace Samovar.Engine.Grammars;

/// <summary>Finds all tokens that may follow a state: a walk over the vocabulary that can pause anywhere.</summary>
internal sealed class MaskWalk
{
    private readonly LearnedStates _learned;
    private readonly VocabularyTree _tree;
    private readonly LiveState[] _path;
    private readonly ulong[] _mask;
    private int _at;

    public MaskWalk(LearnedStates learned, VocabularyTree tree, LiveState from)
    {
        (_learned, _tree) = (learned, tree);
        _path = new LiveState[tree.DepthMax + 1];
        _path[0] = from;
        _mask = new ulong[(tree.VocabularySize + 63) / 64];
        if (from.MayEnd)
            foreach (var token in tree.Ends) Allow(token);
    }

    /// <summary>Goes on until done or the allowance is spent; the mask, or null where there is more to do.</summary>
    /// <exception cref="GrammarFaultException">The grammar costs more than its bounds.</exception>
    public ulong[]? Go(StepAllowance steps)
    {
        while (_at < _tree.Count)
        {
            if (steps.IsSpent) return null;
            steps.Take();
            var depth = _tree.DepthOf(_at);
            var next = _learned.Next(_path[depth - 1], _tree.ByteOf(_at), steps);
            if (next.IsDead)
            {
                _at = _tree.Behind(_at);
                continue;
            }
            foreach (var token in _tree.TokensOf(_at)) Allow(token);
            _path[depth] = next;
            _at++;
        }
        _learned.Keep(_path[0], _mask);
        return _mask;
    }

    private void Allow(int token) => _mask[token >> 6] |= 1UL << (token & 63);
}
