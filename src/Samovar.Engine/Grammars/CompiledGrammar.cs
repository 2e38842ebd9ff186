namespace Samovar.Engine.Grammars;

/// <summary>A grammar that is ready to run, for all turns that ask for it: its automaton, and what was learned of its run.</summary>
/// <remarks><see cref="Learned"/> belongs to the engine's thread, once the grammar is handed out.</remarks>
internal sealed class CompiledGrammar(
    GrammarProgram program, TriggerWatch triggers, ITokenizer tokenizer, VocabularyTree tree, GrammarBounds bounds)
{
    private const int OwnBytes = 4096; // of its tables while they are empty

    public LearnedStates Learned { get; } = new(program, triggers, bounds);

    public ITokenizer Tokenizer => tokenizer;

    public VocabularyTree Tree => tree;

    public GrammarBounds Bounds => bounds;

    /// <summary>Bytes that it holds, what was learned included; another thread than the engine's may see a little less.</summary>
    public long Bytes => OwnBytes + program.Bytes + Learned.Bytes;
}
