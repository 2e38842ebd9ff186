namespace Samovar.Testing.Models.Kinds;

/// <summary>Models whose every layer attends: to all tokens, or in some layers to the newest only.</summary>
internal static class AttentionKinds
{
    private const int Layers = 6, Heads = 4, KeyHeads = 2, Head = 32, Inner = 256, Experts = 4, ExpertInner = 128;

    public static void Llama(KindTensors model)
    {
        model.Sizes(Layers, Inner, Heads, [KeyHeads]);
        foreach (var layer in Names())
        {
            model.Attention(layer, Heads, KeyHeads, Head);
            model.FeedForward(layer, Inner);
            model.Ones(layer + "ffn_norm.weight", KindTensors.Width);
        }
    }

    /// <summary>Plain attention, but positions of several dimensions: each cell of a saved state says more.</summary>
    public static void Qwen3Vl(KindTensors model)
    {
        model.Sizes(Layers, Inner, Heads, [KeyHeads], Head);
        model.Key("rope.dimension_sections", [4, 4, 4, 4]);
        foreach (var layer in Names())
        {
            model.Attention(layer, Heads, KeyHeads, Head);
            model.HeadNorms(layer, Head);
            model.FeedForward(layer, Inner);
            model.Ones(layer + "ffn_norm.weight", KindTensors.Width);
        }
    }

    /// <summary>Five of six layers keep the newest 256 tokens.</summary>
    public static void Gemma3(KindTensors model)
    {
        model.Sizes(Layers, Inner, Heads, [KeyHeads], Head);
        model.Window(256);
        foreach (var layer in Names())
        {
            model.Attention(layer, Heads, KeyHeads, Head);
            model.HeadNorms(layer, Head);
            model.FeedForward(layer, Inner);
            model.Ones(layer + "post_attention_norm.weight", KindTensors.Width);
            model.Ones(layer + "ffn_norm.weight", KindTensors.Width);
            model.Ones(layer + "post_ffw_norm.weight", KindTensors.Width);
        }
    }

    /// <summary>Every other layer keeps the newest 128 tokens; each token goes through two of four experts.</summary>
    public static void GptOss(KindTensors model)
    {
        model.Sizes(Layers, ExpertInner, Heads, [KeyHeads], Head);
        model.Window(128);
        model.Key("expert_count", Experts);
        model.Key("expert_used_count", 2u);
        model.Key("expert_feed_forward_length", ExpertInner);
        foreach (var layer in Names())
        {
            model.Attention(layer, Heads, KeyHeads, Head);
            model.Full(layer + "attn_q.bias", 0f, Heads * Head);
            model.Full(layer + "attn_k.bias", 0f, KeyHeads * Head);
            model.Full(layer + "attn_v.bias", 0f, KeyHeads * Head);
            model.Full(layer + "attn_output.bias", 0f, KindTensors.Width);
            model.Each(layer + "attn_sinks.weight", RandomModel.Gaussian, Heads);
            model.Ones(layer + "post_attention_norm.weight", KindTensors.Width);
            model.Experts(layer, ExpertInner, Experts);
            model.Full(layer + "ffn_gate_inp.bias", 0f, Experts);
            model.Full(layer + "ffn_gate_exps.bias", 0f, ExpertInner, Experts);
            model.Full(layer + "ffn_up_exps.bias", 0f, ExpertInner, Experts);
            model.Full(layer + "ffn_down_exps.bias", 0f, KindTensors.Width, Experts);
        }
    }

    private static IEnumerable<string> Names() => Enumerable.Range(0, Layers).Select(layer => $"blk.{layer}.");
}
