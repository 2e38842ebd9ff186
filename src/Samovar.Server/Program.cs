Console.WriteLine("samovar");
