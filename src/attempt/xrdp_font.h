/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_XRDP_FONT_H
#define RDPWHY_ATTEMPT_XRDP_FONT_H

#include <stdint.h>

/*
 * The characters of xrdp's font by what their glyphs look like on the wire: FNV-1a (32 bit) over
 * width, height, baseline and the rows of the bitmap. Computed from xrdp/sans-10.fv1 of xrdp 0.9.21
 * and of 0.10 (github.com/neutrinolabs/xrdp); both have the same advances.
 */
static const struct xrdp_glyph {
    char character;
    uint8_t advance; /* in pixels, to where the next character begins */
    uint32_t hashes[2];
} xrdp_glyphs[] = {
    {' ', 4, {0xab9391c8, 0x0bca446c}},  {'!', 5, {0x414e99c8, 0x684fcee8}},
    {'"', 5, {0x4300e7f6, 0x5533791f}},  {'#', 11, {0x6e38c677, 0x21ccf25b}},
    {'$', 8, {0x9493a3d6, 0xe5552f44}},  {'%', 12, {0xfa8d8296, 0x41ea41b6}},
    {'&', 11, {0xb6840aa6, 0x4bc050b6}}, {'\'', 3, {0x311316c8, 0x9afe650d}},
    {'(', 5, {0xf5bb80f6, 0x679d8ead}},  {')', 5, {0xcc98bbb6, 0xa29b1f2d}},
    {'*', 7, {0xae574436, 0x44460bb5}},  {'+', 11, {0x4e374e9f, 0x6b7363b7}},
    {',', 4, {0xdf2e65cf, 0xb277b18c}},  {'-', 5, {0xc2674896, 0x013a551d}},
    {'.', 4, {0x41d027c8, 0x82b232fc}},  {'/', 4, {0x80a976e5, 0x8cb2a2cf}},
    {'0', 8, {0x59066f27, 0x4e90a643}},  {'1', 8, {0x68e82614, 0x92a968c4}},
    {'2', 8, {0x48fc8bb3, 0xd7ea075f}},  {'3', 8, {0x893cb56b, 0x93be5cc7}},
    {'4', 8, {0xe8b0f2af, 0x894b6edb}},  {'5', 8, {0xdd142f5b, 0xa65d3ad7}},
    {'6', 8, {0x1bf217a7, 0xbc6da753}},  {'7', 8, {0xe6e908a3, 0x95e2821f}},
    {'8', 8, {0xe8d01a2b, 0x9f2d9507}},  {'9', 8, {0xb5976907, 0xc2323423}},
    {':', 4, {0x599069c8, 0x4a4ae028}},  {';', 4, {0x95a1164f, 0xdb8df30a}},
    {'<', 11, {0xfeb8dfd1, 0x03595030}}, {'=', 11, {0x6f642993, 0x0f50e157}},
    {'>', 11, {0x8647d424, 0xc6a8327d}}, {'?', 7, {0xf596610c, 0x1b4925dc}},
    {'@', 13, {0xc8ebe933, 0x84a587fd}}, {'A', 9, {0xbe30c487, 0x160ddbdf}},
    {'B', 9, {0xe6434796, 0xdd54ccd6}},  {'C', 9, {0xf16c1a8a, 0x7d6cd60a}},
    {'D', 10, {0xda652e68, 0x89abb932}}, {'E', 8, {0xc538bccf, 0xa032d49b}},
    {'F', 7, {0xc2918a2c, 0x3d8ef67c}},  {'G', 10, {0x2f557688, 0x12e995ce}},
    {'H', 10, {0xa0a69616, 0xb0ded6d8}}, {'I', 3, {0x3fd16a48, 0xf7722568}},
    {'J', 3, {0xc59f0756, 0xbc693007}},  {'K', 8, {0x2f0f56fa, 0x29ac76da}},
    {'L', 7, {0x7a1480af, 0x80a256fb}},  {'M', 11, {0xc8adaf50, 0x2f53dbf0}},
    {'N', 10, {0x989acd44, 0xcc1d6cd6}}, {'O', 10, {0xa3b80048, 0x94d7865a}},
    {'P', 8, {0xfa7f5943, 0x3ebebd2f}},  {'Q', 10, {0xeb57c246, 0xae6106d2}},
    {'R', 8, {0x367ec5b4, 0x4d7db510}},  {'S', 9, {0xb0c1d5e2, 0xbf0d28ea}},
    {'T', 7, {0xebd9a8e4, 0x5191eb00}},  {'U', 10, {0x32357387, 0x9a84161b}},
    {'V', 9, {0x6a41ca50, 0x14ccaaf0}},  {'W', 11, {0x9cbcea06, 0xeaaf9b66}},
    {'X', 8, {0x8a8b1541, 0x588f03bd}},  {'Y', 7, {0x9d291af0, 0xe36232fc}},
    {'Z', 10, {0x22f8cbbb, 0x19ba8fbf}}, {'[', 5, {0x230c2b36, 0x7fb5fe44}},
    {'\\', 4, {0xb0efa165, 0xd86be86f}}, {']', 5, {0x069965b6, 0x34c2fdc4}},
    {'^', 11, {0x75fd7076, 0xc1b61641}}, {'_', 7, {0x7e9241a0, 0x1bfd3501}},
    {'`', 7, {0x2e6b3bd6, 0xedd84702}},  {'a', 8, {0x34274b13, 0xe50fa763}},
    {'b', 8, {0x9e010b8f, 0xda246887}},  {'c', 7, {0xb62af56c, 0x4690ba7c}},
    {'d', 8, {0xbacc714f, 0xa47588c7}},  {'e', 8, {0x3194aacb, 0x02b3fa4b}},
    {'f', 4, {0x69033cc5, 0x4950eacd}},  {'g', 8, {0x072fd917, 0x3ccb8234}},
    {'h', 8, {0x5a12b113, 0x020ddc53}},  {'i', 3, {0xfac66ac8, 0xa8fc3bac}},
    {'j', 3, {0x901e378f, 0x635c4fbe}},  {'k', 7, {0xba1387c3, 0xb7a318c3}},
    {'l', 3, {0x03cf0848, 0x169e4af0}},  {'m', 13, {0x658f1d01, 0x3e5e3739}},
    {'n', 8, {0xc9632413, 0x639e33e3}},  {'o', 8, {0xc7e3ae8f, 0xe7050677}},
    {'p', 8, {0xff6d260f, 0xf827a93c}},  {'q', 8, {0x9aa4e60b, 0x5155eab8}},
    {'r', 5, {0x2e306875, 0xba4dd2d5}},  {'s', 7, {0xdbd215f4, 0xe0f55864}},
    {'t', 5, {0x2fdac665, 0x06369c21}},  {'u', 8, {0xc208fef7, 0x3719629f}},
    {'v', 7, {0x90ee43fe, 0x5783bd96}},  {'w', 9, {0x0d32cc11, 0xaa0cdab9}},
    {'x', 7, {0x32970a9a, 0xfbc9c14a}},  {'y', 7, {0xccd976e0, 0xe9db3ab5}},
    {'z', 7, {0x290395b4, 0x823a4324}},  {'{', 8, {0xee1783ac, 0xcddbd626}},
    {'|', 4, {0x819ecb48, 0xbd15dedd}},  {'}', 8, {0x1ac8ea74, 0x0f1ddd3e}},
    {'~', 11, {0xfc797f92, 0x0b91b5bc}},
};

#endif /* !defined(RDPWHY_ATTEMPT_XRDP_FONT_H) */
