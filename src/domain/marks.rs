//! Which characters are drawn onto the one before them, and which are not drawn at all.
//!
//! A browser breaks no line between a letter and its marks, and draws them over and under one another: a flood of them
//! on one letter is wider and higher than the page it stands in.

/// The most marks that are kept of one letter's.
///
/// The longest stack that anybody writes is Tibetan: ཧྐྵྨླྺྼྻྂ has eight. A letter of a Hebrew bible has at most six (a
/// dot, a dagesh, a vowel, an accent and a meteg, with a joiner among them), a flag that is spelled out six tags
/// (Scotland's), Vietnamese two and Thai three. In a chain of emojis each has its own.
pub(super) const MOST: usize = 8;

/// Whether a character is a mark: one that continues the letter before it (`Grapheme_Cluster_Break` is `Extend`,
/// `SpacingMark` or `ZWJ`, UAX #29).
pub(super) fn is_mark(letter: char) -> bool {
    // Below the first range nearly every letter of an event is.
    if letter < '\u{300}' {
        return false;
    }
    let code = u32::from(letter);
    let after = RANGES.partition_point(|range| range >> 8 <= code);
    let before = after.checked_sub(1).and_then(|at| RANGES.get(at));
    before.is_some_and(|range| code <= (range >> 8) + (range & 0xFF))
}

/// Whether a character leaves no trace where it stands: what programs may pass over when they draw a text (Unicode's
/// `Default_Ignorable_Code_Point`), and the Braille cell without a dot.
pub(super) fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Unicode 17: the first of each range, and in the last two digits how many follow it.
#[rustfmt::skip]
#[allow(clippy::unusual_byte_groupings)] // a range is two numbers
static RANGES: [u32; 334] = [
    0x000300_6F, 0x000483_06, 0x000591_2C, 0x0005BF_00, 0x0005C1_01, 0x0005C4_01, 0x0005C7_00, 0x000610_0A,
    0x00064B_14, 0x000670_00, 0x0006D6_06, 0x0006DF_05, 0x0006E7_01, 0x0006EA_03, 0x000711_00, 0x000730_1A,
    0x0007A6_0A, 0x0007EB_08, 0x0007FD_00, 0x000816_03, 0x00081B_08, 0x000825_02, 0x000829_04, 0x000859_02,
    0x000897_08, 0x0008CA_17, 0x0008E3_20, 0x00093A_02, 0x00093E_11, 0x000951_06, 0x000962_01, 0x000981_02,
    0x0009BC_00, 0x0009BE_06, 0x0009C7_01, 0x0009CB_02, 0x0009D7_00, 0x0009E2_01, 0x0009FE_00, 0x000A01_02,
    0x000A3C_00, 0x000A3E_04, 0x000A47_01, 0x000A4B_02, 0x000A51_00, 0x000A70_01, 0x000A75_00, 0x000A81_02,
    0x000ABC_00, 0x000ABE_07, 0x000AC7_02, 0x000ACB_02, 0x000AE2_01, 0x000AFA_05, 0x000B01_02, 0x000B3C_00,
    0x000B3E_06, 0x000B47_01, 0x000B4B_02, 0x000B55_02, 0x000B62_01, 0x000B82_00, 0x000BBE_04, 0x000BC6_02,
    0x000BCA_03, 0x000BD7_00, 0x000C00_04, 0x000C3C_00, 0x000C3E_06, 0x000C46_02, 0x000C4A_03, 0x000C55_01,
    0x000C62_01, 0x000C81_02, 0x000CBC_00, 0x000CBE_06, 0x000CC6_02, 0x000CCA_03, 0x000CD5_01, 0x000CE2_01,
    0x000CF3_00, 0x000D00_03, 0x000D3B_01, 0x000D3E_06, 0x000D46_02, 0x000D4A_03, 0x000D57_00, 0x000D62_01,
    0x000D81_02, 0x000DCA_00, 0x000DCF_05, 0x000DD6_00, 0x000DD8_07, 0x000DF2_01, 0x000E31_00, 0x000E33_07,
    0x000E47_07, 0x000EB1_00, 0x000EB3_09, 0x000EC8_06, 0x000F18_01, 0x000F35_00, 0x000F37_00, 0x000F39_00,
    0x000F3E_01, 0x000F71_13, 0x000F86_01, 0x000F8D_0A, 0x000F99_23, 0x000FC6_00, 0x00102D_0A, 0x001039_05,
    0x001056_03, 0x00105E_02, 0x001071_03, 0x001082_00, 0x001084_02, 0x00108D_00, 0x00109D_00, 0x00135D_02,
    0x001712_03, 0x001732_02, 0x001752_01, 0x001772_01, 0x0017B4_1F, 0x0017DD_00, 0x00180B_02, 0x00180F_00,
    0x001885_01, 0x0018A9_00, 0x001920_0B, 0x001930_0B, 0x001A17_04, 0x001A55_09, 0x001A60_00, 0x001A62_00,
    0x001A65_17, 0x001A7F_00, 0x001AB0_2D, 0x001AE0_0B, 0x001B00_04, 0x001B34_10, 0x001B6B_08, 0x001B80_02,
    0x001BA1_0C, 0x001BE6_0D, 0x001C24_13, 0x001CD0_02, 0x001CD4_14, 0x001CED_00, 0x001CF4_00, 0x001CF7_02,
    0x001DC0_3F, 0x00200C_01, 0x0020D0_20, 0x002CEF_02, 0x002D7F_00, 0x002DE0_1F, 0x00302A_05, 0x003099_01,
    0x00A66F_03, 0x00A674_09, 0x00A69E_01, 0x00A6F0_01, 0x00A802_00, 0x00A806_00, 0x00A80B_00, 0x00A823_04,
    0x00A82C_00, 0x00A880_01, 0x00A8B4_11, 0x00A8E0_11, 0x00A8FF_00, 0x00A926_07, 0x00A947_0C, 0x00A980_03,
    0x00A9B3_0D, 0x00A9E5_00, 0x00AA29_0D, 0x00AA43_00, 0x00AA4C_01, 0x00AA7C_00, 0x00AAB0_00, 0x00AAB2_02,
    0x00AAB7_01, 0x00AABE_01, 0x00AAC1_00, 0x00AAEB_04, 0x00AAF5_01, 0x00ABE3_07, 0x00ABEC_01, 0x00FB1E_00,
    0x00FE00_0F, 0x00FE20_0F, 0x00FF9E_01, 0x0101FD_00, 0x0102E0_00, 0x010376_04, 0x010A01_02, 0x010A05_01,
    0x010A0C_03, 0x010A38_02, 0x010A3F_00, 0x010AE5_01, 0x010D24_03, 0x010D69_04, 0x010EAB_01, 0x010EFA_05,
    0x010F46_0A, 0x010F82_03, 0x011000_02, 0x011038_0E, 0x011070_00, 0x011073_01, 0x01107F_03, 0x0110B0_0A,
    0x0110C2_00, 0x011100_02, 0x011127_0D, 0x011145_01, 0x011173_00, 0x011180_02, 0x0111B3_0D, 0x0111C9_03,
    0x0111CE_01, 0x01122C_0B, 0x01123E_00, 0x011241_00, 0x0112DF_0B, 0x011300_03, 0x01133B_01, 0x01133E_06,
    0x011347_01, 0x01134B_02, 0x011357_00, 0x011362_01, 0x011366_06, 0x011370_04, 0x0113B8_08, 0x0113C2_00,
    0x0113C5_00, 0x0113C7_03, 0x0113CC_04, 0x0113D2_00, 0x0113E1_01, 0x011435_11, 0x01145E_00, 0x0114B0_13,
    0x0115AF_06, 0x0115B8_08, 0x0115DC_01, 0x011630_10, 0x0116AB_0C, 0x01171D_02, 0x011722_09, 0x01182C_0E,
    0x011930_05, 0x011937_01, 0x01193B_03, 0x011940_00, 0x011942_01, 0x0119D1_06, 0x0119DA_06, 0x0119E4_00,
    0x011A01_09, 0x011A33_06, 0x011A3B_03, 0x011A47_00, 0x011A51_0A, 0x011A8A_0F, 0x011B60_07, 0x011C2F_07,
    0x011C38_07, 0x011C92_15, 0x011CA9_0D, 0x011D31_05, 0x011D3A_00, 0x011D3C_01, 0x011D3F_06, 0x011D47_00,
    0x011D8A_04, 0x011D90_01, 0x011D93_04, 0x011EF3_03, 0x011F00_01, 0x011F03_00, 0x011F34_06, 0x011F3E_04,
    0x011F5A_00, 0x013440_00, 0x013447_0E, 0x01611E_11, 0x016AF0_04, 0x016B30_06, 0x016F4F_00, 0x016F51_36,
    0x016F8F_03, 0x016FE4_00, 0x016FF0_01, 0x01BC9D_01, 0x01CF00_2D, 0x01CF30_16, 0x01D165_04, 0x01D16D_05,
    0x01D17B_07, 0x01D185_06, 0x01D1AA_03, 0x01D242_02, 0x01DA00_36, 0x01DA3B_31, 0x01DA75_00, 0x01DA84_00,
    0x01DA9B_04, 0x01DAA1_0E, 0x01E000_06, 0x01E008_10, 0x01E01B_06, 0x01E023_01, 0x01E026_04, 0x01E08F_00,
    0x01E130_06, 0x01E2AE_00, 0x01E2EC_03, 0x01E4EC_03, 0x01E5EE_01, 0x01E6E3_00, 0x01E6E6_00, 0x01E6EE_01,
    0x01E6F5_00, 0x01E8D0_06, 0x01E944_06, 0x01F3FB_04, 0x0E0020_5F, 0x0E0100_EF,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_are_in_order_and_apart() {
        for pair in RANGES.windows(2) {
            let [one, other] = pair else { unreachable!() };
            assert!(
                (one >> 8) + (one & 0xFF) + 1 < other >> 8,
                "{one:x} {other:x}"
            );
        }
    }

    #[test]
    fn what_continues_a_letter_is_a_mark_and_what_begins_one_is_none() {
        for (letter, expected) in [
            ('a', false),
            ('\u{2FF}', false),
            ('\u{300}', true),
            ('\u{36F}', true),
            ('\u{370}', false),
            ('\u{5D0}', false), // alef
            ('\u{5C1}', true),  // shin dot
            ('\u{E14}', false), // do dek
            ('\u{E47}', true),  // mai taikhu
            ('\u{93E}', true),  // a vowel sign with a width of its own
            ('\u{F90}', true),  // a subjoined letter
            ('\u{200D}', true), // the joiner
            ('\u{20E3}', true), // a key's cap
            ('\u{FE0F}', true), // emoji style
            ('\u{1F468}', false),
            ('\u{1F3FF}', true),  // a tone of skin
            ('\u{1F1E9}', false), // half a flag
            ('\u{E0067}', true),  // a tag
            ('\u{E01EF}', true),
            ('\u{E01F0}', false),
            ('\u{10FFFF}', false),
        ] {
            assert_eq!(is_mark(letter), expected, "U+{:X}", u32::from(letter));
        }
    }
}
