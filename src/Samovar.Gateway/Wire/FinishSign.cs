namespace Samovar.Gateway.Wire;

/// <summary>Whether an answer that is still open has finished: some upstreams name a reason to end with every piece.</summary>
internal enum FinishSign
{
    /// <summary>It goes on: no reason to end came, or more came behind one.</summary>
    None,

    /// <summary>A reason came beside its first words, or in the middle of them: it may be the end, or come with every piece.</summary>
    InDoubt,

    /// <summary>A reason came behind words that had none.</summary>
    Sure,
}
