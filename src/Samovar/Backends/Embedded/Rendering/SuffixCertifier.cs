using System.Collections.Concurrent;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Proves, once for each shape of turn, that a continuation may be rendered and tokenised alone; then does it.</summary>
/// <remarks>
/// Claimed is: <c>render(H + A + new) = render(H, open) + what A says + end token + suffix</c>, where the suffix is the same for every
/// history H of the same head (system text and tools).
/// The claim is put to the test with histories of many kinds, and two heads:
/// (1) the whole must begin with the opened history, so that nothing before changes, and keep what A thought; (2) behind A's end token all
/// must agree; (3) the tokens of the whole must be those of both parts. (4) A conversation's own head is put in a stand-in's place once:
/// where that changes what follows, the shape is proven for that head alone, and rendered with it. A turn then renders the shortest of
/// these histories with its own new messages (5), and takes what follows the end token.
/// A template that counts messages, or writes something else behind some histories, is not proven for all of them. Its turns are rendered
/// behind messages of the same kinds as their own history's (<see cref="PromptSkeleton"/>), and (1) is tested each time: that costs the
/// number of messages, not what they say.
/// What the conversation's messages say is not looked at here: <see cref="ContentEffects"/> finds out whether it matters.
/// </remarks>
internal sealed class SuffixCertifier(
    ShapeRenderer shapes, StandInHistories histories, ControlText control, TemplateFacts facts, bool countsMessages, int shapesMax)
{
    private readonly ConcurrentDictionary<ProofKey, Remembered> _proofs = new();
    private readonly PromptHead[] _heads =
        [PromptHead.StandIn("a rule", control, "look"), PromptHead.StandIn("some other rule", control, "find", "look_up")];
    private long _used;

    /// <summary>Characters that its proofs hold; there are at most as many proofs as <c>Embedded:ShapesMax</c>.</summary>
    public long CharsHeld => _proofs.Values.Sum(
        static one => one.Certificate is { } held ? held.Proof.Chars + (held.IsOwnHead ? held.Head.Chars : 0) : 0);

    /// <summary>The proof for turns of this shape; null where they have to be rendered whole.</summary>
    /// <param name="shape">The turn's shape.</param>
    /// <param name="headName">Names the conversation's own head.</param>
    /// <param name="head">Gives that head; asked only for one that is new.</param>
    /// <param name="skeleton">What its messages before the answer are.</param>
    public Certificate? Certify(TurnShape shape, string headName, Func<PromptHead> head, PromptSkeleton skeleton)
    {
        var certificate = Certify(shape, headName, head);
        return certificate is { IsGeneral: true } && !skeleton.IsOf(histories.PairsOf(shape.Tail.ReasoningSinceUser))
            ? certificate with { IsGeneral = false } : certificate;
    }

    private Certificate? Certify(TurnShape shape, string headName, Func<PromptHead> head)
    {
        if (!shape.Tail.Text && shape.Tail.Calls == 0) return null; // nothing to find its place by
        if (shape.Tail.Calls > 1 && !facts.ParallelCalls) return null; // outputs will come between its calls
        var general = Recall(new ProofKey(shape, null), () => Prove(shape, _heads, isOwn: false));
        if (!shape.Tail.HasSystem && !shape.Tail.HasTools) return general;
        return Recall(new ProofKey(shape, headName), () => OfHead(shape, general, head()));
    }

    /// <summary>The tokens behind an assistant message's end token, and that token; null when they cannot be had without the
    /// whole.</summary>
    /// <param name="shape">The turn's shape.</param>
    /// <param name="certificate">The proof for it.</param>
    /// <param name="skeleton">What the conversation's messages before the answer are.</param>
    /// <param name="tail">How the answer ended.</param>
    /// <param name="added">The new messages, bent to the template.</param>
    /// <param name="cancelled">Ends it early.</param>
    public CertifiedSuffix? Suffix(
        TurnShape shape, Certificate certificate, PromptSkeleton skeleton, PromptTail tail, IReadOnlyList<PromptMessage> added,
        CancellationToken cancelled)
    {
        // :: 5
        var proof = certificate.Proof;
        if (Behind(Before(shape, certificate, skeleton)) is not { } suffix) return null;
        if (!certificate.IsGeneral && Behind(skeleton.Messages(PromptSkeleton.OtherWords)) != suffix) return null; // said before, repeated
        return new CertifiedSuffix(proof.EndToken, TokensBehind(proof, suffix, cancelled), suffix);

        string? Behind(IReadOnlyList<PromptMessage> before)
        {
            var said = StandIns.Assistant(shape.Tail, tail.Calls);
            if (!certificate.IsGeneral) // :: 1
            {
                if (TryOpening(shape, certificate.Head, before) is not { } opening) return null;
                proof = proof with { Opening = opening };
            }
            var rendered = shapes.Render(shape, certificate.Head, [.. before, said], added, shape.Generate, cancelled);
            if (!rendered.StartsWith(proof.Opening, StringComparison.Ordinal) && !OpensAgain(shape, certificate, rendered, ref proof))
                return null;
            if (CutOf(rendered, proof) is not { } cut || !KeepsThought(shape, rendered, proof, cut)) return null;
            return StandIns.AreIn(rendered[cut..]) ? null : rendered[cut..];
        }
    }

    /// <summary>What a turn is rendered behind: the shortest history, or messages of its own history's kinds.</summary>
    private static IReadOnlyList<PromptMessage> Before(TurnShape shape, Certificate certificate, PromptSkeleton skeleton) =>
        certificate.IsGeneral ? Shortest(shape) : skeleton.Messages();

    /// <summary>
    /// Whether the template writes an assistant message with the very tokens that the model sampled: put to the test behind a stand-in's
    /// start and before the new messages, in the tokens of the whole.
    /// </summary>
    public bool Writes(
        TurnShape shape, Certificate certificate, PromptMessage said, ReadOnlyMemory<int> sampled, IReadOnlyList<PromptMessage> added,
        CertifiedSuffix suffix, CancellationToken cancelled)
    {
        var proof = certificate.Proof;
        var rendered = shapes.Render(shape, certificate.Head, [.. Shortest(shape), said], added, shape.Generate, cancelled);
        int[] expected = [.. control.Tokenize(proof.Opening, cancelled), .. sampled.Span, proof.EndToken, .. suffix.Tokens];
        return expected.AsSpan().SequenceEqual(control.Tokenize(rendered, cancelled));
    }

    /// <summary>
    /// What comes behind the answer of a real history with a stand-in's answer; null where it does not begin as it was opened, or ends in
    /// another way than proven.
    /// </summary>
    public static string? Ending(string opened, string whole, Certificate certificate)
    {
        if (!whole.StartsWith(opened, StringComparison.Ordinal)) return null;
        if (CutOf(whole, certificate.Proof with { Opening = opened }) is not { } cut) return null;
        return !certificate.IsGeneral || whole.AsSpan(cut).SequenceEqual(certificate.Proof.Suffix) ? whole[cut..] : null;
    }

    /// <summary>The shortest conversation that an answer of this shape may end.</summary>
    private static IReadOnlyList<PromptMessage> Shortest(TurnShape shape) => StandInHistories.Shortest(shape.Tail.ReasoningSinceUser);

    /// <summary>Whether only the stand-in's start has changed since the proof: templates may write the date there.</summary>
    private bool OpensAgain(TurnShape shape, Certificate certificate, string rendered, ref SuffixProof proof)
    {
        if (!certificate.IsGeneral) return false; // it was opened this moment
        var opening = Opening(shape, certificate.Head, Shortest(shape));
        if (!rendered.StartsWith(opening, StringComparison.Ordinal)) return false;
        proof = proof with { Opening = opening };
        foreach (var (key, known) in _proofs)
            if (ReferenceEquals(known.Certificate, certificate)) Remember(key, certificate with { Proof = proof });
        return true;
    }

    // :: 4
    private Certificate? OfHead(TurnShape shape, Certificate? general, PromptHead head)
    {
        if (general is { IsGeneral: true } && IsLike(shape, general, head)) return general;
        return Prove(shape, [head], isOwn: true);
    }

    private bool IsLike(TurnShape shape, Certificate general, PromptHead head)
    {
        try
        {
            foreach (var history in StandInHistories.Samples(shape.Tail.ReasoningSinceUser))
            {
                var (whole, opening) = (Whole(shape, head, history), Opening(shape, head, history));
                if (Ending(opening, whole, general) is null) return false;
            }
            return true;
        }
        catch (TemplateException)
        {
            return false; // it refuses such a head
        }
    }

    private Certificate? Recall(ProofKey key, Func<Certificate?> prove)
    {
        if (_proofs.TryGetValue(key, out var known))
        {
            known.Used = Interlocked.Increment(ref _used);
            return known.Certificate;
        }
        var proven = prove();
        Remember(key, proven);
        return proven;
    }

    private void Remember(ProofKey key, Certificate? certificate)
    {
        _proofs[key] = new Remembered(certificate) { Used = Interlocked.Increment(ref _used) };
        while (_proofs.Count > shapesMax) _proofs.TryRemove(_proofs.MinBy(one => one.Value.Used).Key, out _);
    }

    private Certificate? Prove(TurnShape shape, PromptHead[] heads, bool isOwn)
    {
        SuffixProof? proof = null;
        try
        {
            if (!Passes(shape, heads[0], Shortest(shape), ref proof)) return null;
            return new Certificate(heads[0], proof!, isOwn, IsGeneral: !countsMessages && IsGeneral(shape, heads, proof));
        }
        catch (TemplateException)
        {
            return null; // it refuses the stand-ins
        }
    }

    private bool IsGeneral(TurnShape shape, PromptHead[] heads, SuffixProof? proof)
    {
        try
        {
            foreach (var history in histories.Of(shape.Tail.ReasoningSinceUser))
                foreach (var head in heads)
                    if (!Passes(shape, head, history, ref proof)) return false;
            return true;
        }
        catch (TemplateException)
        {
            return false;
        }
    }

    private bool Passes(TurnShape shape, PromptHead head, IReadOnlyList<PromptMessage> history, ref SuffixProof? proof)
    {
        if (TryOpening(shape, head, history) is not { } opening) return proof is not null; // such a history cannot be
        var whole = Whole(shape, head, history);
        if (!whole.StartsWith(opening, StringComparison.Ordinal)) return false; // :: 1
        proof ??= EndOf(whole, opening);
        if (proof is null || CutOf(whole, proof with { Opening = opening }) is not { } cut) return false;
        return KeepsThought(shape, whole, proof with { Opening = opening }, cut) // :: 1
            && whole.AsSpan(cut).SequenceEqual(proof.Suffix) && !StandIns.AreIn(proof.Suffix) // :: 2
            && SplitsIntoTokens(proof, whole, cut); // :: 3
    }

    /// <summary>Whether what the answer thought is still there when something follows.</summary>
    private static bool KeepsThought(TurnShape shape, string whole, SuffixProof proof, int cut) => !shape.Tail.Reasoning
        || whole.AsSpan(proof.Opening.Length, cut - proof.Opening.Length).Contains(StandIns.Thought, StringComparison.Ordinal);

    private string? TryOpening(TurnShape shape, PromptHead head, IReadOnlyList<PromptMessage> history)
    {
        try
        {
            return Opening(shape, head, history);
        }
        catch (TemplateException)
        {
            return null; // it refuses this history
        }
    }

    /// <summary>A history, a stand-in's answer, and stand-ins of what is new.</summary>
    private string Whole(TurnShape shape, PromptHead head, IReadOnlyList<PromptMessage> history)
    {
        var calls = StandIns.Calls(shape.Tail.Calls);
        return shapes.Render(shape, head, [.. history, StandIns.Assistant(shape.Tail, calls)], StandIns.Added(shape.Kinds, calls),
            shape.Generate, CancellationToken.None);
    }

    private string Opening(TurnShape shape, PromptHead head, IReadOnlyList<PromptMessage> history) =>
        shapes.Render(shape, head, history, [], generate: true, CancellationToken.None);

    /// <summary>The first token behind the anchor that ends a turn.</summary>
    private SuffixProof? EndOf(string whole, string opening)
    {
        var at = whole.IndexOf(StandIns.Anchor, opening.Length, StringComparison.Ordinal);
        while (at >= 0 && (at = control.IndexOfSpelling(whole, at + 1)) >= 0)
        {
            var spelling = control.SpellingAt(whole, at)!;
            var tokens = control.Tokenize(spelling);
            if (tokens.Length == 1 && (tokens[0] == facts.EndToken || control.Tokenizer.IsEndOfGeneration(tokens[0])))
                return new SuffixProof(opening, tokens[0], spelling, whole[(at + spelling.Length)..]);
        }
        return null;
    }

    /// <summary>Where the answer's end token ends; what comes before the answer may say anything.</summary>
    private static int? CutOf(string whole, SuffixProof proof)
    {
        var anchor = whole.IndexOf(StandIns.Anchor, proof.Opening.Length, StringComparison.Ordinal);
        var end = anchor < 0 ? -1 : whole.IndexOf(proof.EndSpelling, anchor, StringComparison.Ordinal);
        return end < 0 ? null : end + proof.EndSpelling.Length;
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

    /// <summary>Turns of one shape, of any head or of one.</summary>
    private readonly record struct ProofKey(TurnShape Shape, string? Head);

    /// <summary>A certificate, or the lack of one, and when it was last asked for.</summary>
    private sealed class Remembered(Certificate? certificate)
    {
        public Certificate? Certificate => certificate;
        public long Used { get; set; }
    }
}

/// <summary>What follows an assistant message.</summary>
internal sealed record CertifiedSuffix(int EndToken, int[] Tokens, string Text);
