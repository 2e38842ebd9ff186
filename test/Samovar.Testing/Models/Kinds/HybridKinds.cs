namespace Samovar.Testing.Models.Kinds;

/// <summary>Models of which some layers, or all, keep one state that every token goes into.</summary>
internal static class HybridKinds
{
    private const int Heads = 4, KeyHeads = 2, Head = 32, Inner = 256, Experts = 4, ExpertInner = 128, AttentionEvery = 4;
    private static readonly StateSizes Mamba = new(2 * KindTensors.Width, 64, 8, 1);
    private static readonly StateSizes Delta = new(4 * 64, 64, 4, 2);

    /// <summary>Convolutions over three tokens between three layers of attention.</summary>
    public static void Lfm2(KindTensors model)
    {
        const int kernel = 3;
        int[] keyHeads = [0, 0, KeyHeads, 0, 0, KeyHeads, 0, KeyHeads];
        model.Sizes(keyHeads.Length, Inner, Heads, keyHeads);
        model.Key("shortconv.l_cache", kernel);
        for (var at = 0; at < keyHeads.Length; at++)
        {
            var layer = $"blk.{at}.";
            model.Ones(layer + "ffn_norm.weight", KindTensors.Width);
            model.FeedForward(layer, Inner);
            if (keyHeads[at] > 0)
            {
                model.Attention(layer, Heads, KeyHeads, Head);
                model.HeadNorms(layer, Head);
                continue;
            }
            model.Small(layer + "shortconv.conv.weight", 1.5f, kernel, KindTensors.Width);
            model.Matrix(layer + "shortconv.in_proj.weight", 1f, KindTensors.Width, 3 * KindTensors.Width);
            model.Matrix(layer + "shortconv.out_proj.weight", 1f, KindTensors.Width, KindTensors.Width);
        }
    }

    /// <summary>Mamba-2 in four layers, attention in two.</summary>
    public static void GraniteHybrid(KindTensors model)
    {
        int[] keyHeads = [0, 0, KeyHeads, 0, 0, KeyHeads];
        model.Sizes(keyHeads.Length, Inner, Heads, keyHeads);
        Mamba.Describe(model);
        for (var at = 0; at < keyHeads.Length; at++)
        {
            var layer = $"blk.{at}.";
            model.Ones(layer + "ffn_norm.weight", KindTensors.Width);
            model.FeedForward(layer, Inner);
            if (keyHeads[at] > 0) model.Attention(layer, Heads, KeyHeads, Head);
            else model.Mamba(layer, Mamba);
        }
    }

    /// <summary>Attention and Mamba-2 beside each other in every layer.</summary>
    public static void FalconH1(KindTensors model)
    {
        model.Sizes(4, Inner, Heads, [KeyHeads], Head);
        Mamba.Describe(model);
        for (var at = 0; at < 4; at++)
        {
            var layer = $"blk.{at}.";
            model.Ones(layer + "ffn_norm", KindTensors.Width);
            model.FeedForward(layer, Inner);
            model.Attention(layer, Heads, KeyHeads, Head);
            model.Mamba(layer, Mamba);
        }
    }

    /// <summary>Gated delta nets, attention in every fourth layer, positions of several dimensions.</summary>
    public static void Qwen35(KindTensors model)
    {
        model.Sizes(2 * AttentionEvery, Inner, Heads, [KeyHeads], Head);
        model.Key("rope.dimension_sections", [4, 4, 4, 4]);
        DeltaNets(model, isFused: false, layer => model.FeedForward(layer, Inner));
    }

    /// <summary>The same with experts.</summary>
    public static void Qwen3Next(KindTensors model)
    {
        model.Sizes(2 * AttentionEvery, ExpertInner, Heads, [KeyHeads], Head);
        model.Key("expert_count", Experts);
        model.Key("expert_used_count", 2u);
        model.Key("expert_feed_forward_length", ExpertInner);
        model.Key("expert_shared_feed_forward_length", ExpertInner);
        DeltaNets(model, isFused: true, layer =>
        {
            model.Experts(layer, ExpertInner, Experts);
            model.Matrix(layer + "ffn_gate_inp_shexp.weight", 1f, KindTensors.Width);
            model.Matrix(layer + "ffn_gate_shexp.weight", 1f, KindTensors.Width, ExpertInner);
            model.Matrix(layer + "ffn_up_shexp.weight", 1f, KindTensors.Width, ExpertInner);
            model.Matrix(layer + "ffn_down_shexp.weight", 1f, ExpertInner, KindTensors.Width);
        });
    }

    /// <summary>Nothing attends.</summary>
    public static void Mamba2(KindTensors model)
    {
        const int layers = 6;
        model.Sizes(layers, inner: 0, heads: 0, []);
        Mamba.Describe(model);
        for (var at = 0; at < layers; at++) model.Mamba($"blk.{at}.", Mamba);
    }

    private static void DeltaNets(KindTensors model, bool isFused, Action<string> feedForward)
    {
        model.Key("full_attention_interval", AttentionEvery);
        Delta.Describe(model);
        for (var at = 0; at < 2 * AttentionEvery; at++)
        {
            var layer = $"blk.{at}.";
            model.Ones(layer + "post_attention_norm.weight", KindTensors.Width);
            if ((at + 1) % AttentionEvery == 0)
            {
                model.Attention(layer, Heads, KeyHeads, Head, isGated: true);
                model.HeadNorms(layer, Head);
            }
            else model.DeltaNet(layer, Delta, isFused);
            feedForward(layer);
        }
    }
}
