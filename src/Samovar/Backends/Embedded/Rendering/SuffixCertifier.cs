using System.Collections.Concurrent;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Proves, once for each shape of turn, that a continuation may be rendered and tokenised alone; then does it.</summary>
/// <remarks>
/// Claimed is: <c>render(H + A + new) = render(H, open) + what A says + end token + suffix</c>, where the suffix is the same for every
/// history H.
/// The claim is put to the test with several histories of different kinds and two lists of tools:
/// (1) the whole must begin with the opened history, so that nothing before changes, and keep what A thought; (2) behind A's end token all
/// must agree;
/// (3) the tokens of the whole must be those of both parts. One miss, and turns of this shape are rendered whole. A turn then renders
/// the shortest of these histories with its own new messages (4), and takes what follows the end token.
/// </remarks>
internal sealed class SuffixCertifier(ChatRenderer renderer, MessageFit fit, ControlText control, TemplateFacts facts, int shapesMax)
{
    private const string Lead = "a rule";

    private readonly ConcurrentDictionary<TurnShape, Remembered> _proofs = new();
    private long _used;

    /// <summary>Characters that its proofs hold; there are at most as many proofs as <c>Embedded:ShapesMax</c>.</summary>
    public long CharsHeld => _proofs.Values.Sum(one => (long)(one.Proof?.Opening.Length ?? 0) + (one.Proof?.EndSpelling.Length ?? 0));

    private readonly StandInTools[] _tools = [StandInTools.Of(control, "look"), StandInTools.Of(control, "find", "look_up")];

    /// <summary>
    /// The tokens behind an assistant message's end token, and that token; null when they cannot be had without the whole.
    /// </summary>
    public CertifiedSuffix? Suffix(TurnShape shape, PromptTail tail, IReadOnlyList<PromptMessage> added, CancellationToken cancelled)
    {
        if (Proof(shape) is not { } proof) return null;
        // :: 4
        var rendered = Whole(shape, StandIns.Histories(shape.Tail.ReasoningSinceUser).First(), tail.Calls, added, _tools[0], cancelled);
        if (!rendered.StartsWith(proof.Opening, StringComparison.Ordinal) && !OpensAgain(shape, rendered, ref proof)) return null;
        if (CutOf(rendered, proof.EndSpelling) is not { } cut) return null;
        return new CertifiedSuffix(proof.EndToken, TokensBehind(proof, rendered[cut..], cancelled), rendered[cut..]);
    }

    /// <summary>
    /// Whether the template writes an assistant message with the very tokens that the model sampled: put to the test behind a stand-in's
    /// start and before the new messages, in the tokens of the whole.
    /// </summary>
    public bool Writes(
        TurnShape shape, PromptMessage said, ReadOnlyMemory<int> sampled, IReadOnlyList<PromptMessage> added, CertifiedSuffix suffix,
        CancellationToken cancelled)
    {
        if (Proof(shape) is not { } proof) return false;
        var before = Fitted(shape, [.. StandIns.Histories(shape.Tail.ReasoningSinceUser).First(), said], _tools[0]);
        var rendered = renderer.Render([.. before, .. added], Frame(shape, _tools[0], shape.Generate), cancelled);
        int[] expected = [.. control.Tokenize(proof.Opening, cancelled), .. sampled.Span, proof.EndToken, .. suffix.Tokens];
        return expected.AsSpan().SequenceEqual(control.Tokenize(rendered, cancelled));
    }

    /// <summary>Whether only the stand-in's start has changed since the proof: templates may write the date there.</summary>
    private bool OpensAgain(TurnShape shape, string rendered, ref SuffixProof proof)
    {
        var opening = Opening(shape, StandIns.Histories(shape.Tail.ReasoningSinceUser).First(), _tools[0]);
        if (!rendered.StartsWith(opening, StringComparison.Ordinal)) return false;
        proof = proof with { Opening = opening };
        Remember(shape, proof);
        return true;
    }

    private SuffixProof? Proof(TurnShape shape)
    {
        if (_proofs.TryGetValue(shape, out var known))
        {
            known.Used = Interlocked.Increment(ref _used);
            return known.Proof;
        }
        var proof = Prove(shape);
        Remember(shape, proof);
        return proof;
    }

    private void Remember(TurnShape shape, SuffixProof? proof)
    {
        _proofs[shape] = new Remembered(proof) { Used = Interlocked.Increment(ref _used) };
        while (_proofs.Count > shapesMax) _proofs.TryRemove(_proofs.MinBy(one => one.Value.Used).Key, out _);
    }

    private SuffixProof? Prove(TurnShape shape)
    {
        if (!shape.Tail.Text && shape.Tail.Calls == 0) return null; // nothing to find its place by
        if (shape.Tail.Calls > 1 && !facts.ParallelCalls) return null; // outputs will come between its calls
        try
        {
            return Test(shape);
        }
        catch (TemplateException)
        {
            return null; // it refuses one of the stand-ins
        }
    }

    private SuffixProof? Test(TurnShape shape)
    {
        SuffixProof? proof = null;
        string? suffix = null;
        foreach (var history in StandIns.Histories(shape.Tail.ReasoningSinceUser))
            foreach (var tools in _tools)
            {
                var calls = StandIns.Calls(shape.Tail.Calls);
                var whole = Whole(shape, history, calls, StandIns.Added(shape.Kinds, calls), tools, CancellationToken.None);
                var opening = Opening(shape, history, tools);
                if (!whole.StartsWith(opening, StringComparison.Ordinal)) return null; // :: 1
                proof ??= EndOf(whole, opening);
                if (proof is null || CutOf(whole, proof.EndSpelling) is not { } cut) return null;
                if (shape.Tail.Reasoning
                    && whole.IndexOf(StandIns.Thought, opening.Length, cut - opening.Length, StringComparison.Ordinal) < 0)
                    return null; // :: 1 what A thought is taken out again
                if (!string.Equals(suffix ??= whole[cut..], whole[cut..], StringComparison.Ordinal)) return null; // :: 2
                if (!SplitsIntoTokens(proof, whole, cut)) return null; // :: 3
            }
        return proof;
    }

    private string Whole(
        TurnShape shape, IReadOnlyList<PromptMessage> history, IReadOnlyList<PromptCall> calls, IReadOnlyList<PromptMessage> added,
        StandInTools tools, CancellationToken cancelled)
    {
        var before = Fitted(shape, [.. history, StandIns.Assistant(shape.Tail, calls)], tools);
        return renderer.Render([.. before, .. added], Frame(shape, tools, shape.Generate), cancelled);
    }

    private string Opening(TurnShape shape, IReadOnlyList<PromptMessage> history, StandInTools tools) =>
        renderer.Render(Fitted(shape, history, tools), Frame(shape, tools, generate: true), CancellationToken.None);

    private List<PromptMessage> Fitted(TurnShape shape, IReadOnlyList<PromptMessage> messages, StandInTools tools) =>
        fit.Whole(shape.Tail.HasSystem ? Lead : "", shape.Tail.HasTools ? tools.Tools : [], messages);

    private static RenderFrame Frame(TurnShape shape, StandInTools tools, bool generate) =>
        new(shape.Tail.HasTools ? tools.Values : TemplateValue.None.Value, shape.ThinkingOff, shape.Effort, generate)
        {
            Variables = shape.Variables,
        };

    /// <summary>The first token behind the anchor that ends a turn.</summary>
    private SuffixProof? EndOf(string whole, string opening)
    {
        var at = whole.IndexOf(StandIns.Anchor, StringComparison.Ordinal);
        while (at >= 0 && (at = control.IndexOfSpelling(whole, at + 1)) >= 0)
        {
            var spelling = control.SpellingAt(whole, at)!;
            var tokens = control.Tokenize(spelling);
            if (tokens.Length == 1 && (tokens[0] == facts.EndToken || control.Tokenizer.IsEndOfGeneration(tokens[0])))
                return new SuffixProof(opening, tokens[0], spelling);
        }
        return null;
    }

    private static int? CutOf(string whole, string endSpelling)
    {
        var anchor = whole.IndexOf(StandIns.Anchor, StringComparison.Ordinal);
        var end = anchor < 0 ? -1 : whole.IndexOf(endSpelling, anchor, StringComparison.Ordinal);
        return end < 0 ? null : end + endSpelling.Length;
    }

    private bool SplitsIntoTokens(SuffixProof proof, string whole, int cut)
    {
        int[] parts = [.. control.Tokenize(whole[..cut]), .. TokensBehind(proof, whole[cut..], CancellationToken.None)];
        return parts.AsSpan().SequenceEqual(control.Tokenize(whole));
    }

    /// <summary>
    /// Tokens of a text after the end token: tokenised with it, because some tokens change what follows them.
    /// </summary>
    private int[] TokensBehind(SuffixProof proof, string suffix, CancellationToken cancelled)
    {
        var tokens = control.Tokenize(proof.EndSpelling + suffix, cancelled);
        return tokens.Length > 0 && tokens[0] == proof.EndToken ? tokens[1..] : control.Tokenize(suffix, cancelled);
    }

    /// <summary>A proof, or the lack of one, and when it was last asked for.</summary>
    private sealed class Remembered(SuffixProof? proof)
    {
        public SuffixProof? Proof => proof;
        public long Used { get; set; }
    }
}

/// <summary>What follows an assistant message.</summary>
internal sealed record CertifiedSuffix(int EndToken, int[] Tokens, string Text);

/// <summary>Tools that stand for a request's own.</summary>
internal sealed record StandInTools(IReadOnlyList<OfferedTool> Tools, TemplateValue Values)
{
    public static StandInTools Of(ControlText control, params string[] names)
    {
        OfferedTool[] tools = [.. names.Select(TemplateProbe.StandIn)];
        return new StandInTools(tools, ToolText.Values(tools, control));
    }
}
