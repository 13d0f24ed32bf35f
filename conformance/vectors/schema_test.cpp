// The schemas that editors use name every key and every closed word that the loader takes.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/words.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <functional>
#include <set>

namespace ampspec::vectors {
namespace {

nlohmann::json schema(const std::string& name) {
  std::ifstream stream(std::string(AMPSPEC_SCHEMAS) + "/" + name + ".schema.json");
  return nlohmann::json::parse(stream);
}

// Names of properties, and words of enumerations, anywhere in a schema.
void collect(const nlohmann::json& node, std::set<std::string>& keys, std::set<std::string>& values) {
  for (const auto& [name, inner] : node.items()) {
    if (node.is_object() && name == "properties") {
      for (const auto& property : inner.items()) keys.insert(property.key());
    }
    if (node.is_object() && name == "enum") values.insert(inner.begin(), inner.end());
    if (inner.is_structured()) collect(inner, keys, values);
  }
}

struct named {
  std::set<std::string> keys, values;
};
named all_of(const std::vector<std::string>& schemas) {
  named all;
  for (const auto& name : schemas) collect(schema(name), all.keys, all.values);
  return all;
}

void expect_exactly(const std::set<std::string>& named_keys, const std::vector<key_set>& tables) {
  std::set<std::string> taken;
  for (const auto& table : tables) {
    for (const auto& key : table.keys) {
      taken.emplace(key);
      EXPECT_EQ(named_keys.count(std::string(key)), 1u) << table.place << ": " << key;
    }
  }
  for (const auto& key : named_keys) EXPECT_EQ(taken.count(key), 1u) << "in the schema only: " << key;
}

TEST(Schema, NamesEveryKeyOfVectorFilesAndNoOther) { expect_exactly(all_of({"vectors"}).keys, vector_keys()); }

TEST(Schema, NamesEveryKeyOfTheCataloguesAndNoOther) {
  auto keys = all_of({"requirements", "features", "choices", "faults"}).keys;
  expect_exactly(keys, catalogue_keys());
}

TEST(Schema, NamesEveryClosedWord) {
  const auto values = all_of({"vectors", "requirements"}).values;
  for (const word_list words :
       {word_list(words::roles), word_list(words::tiers), word_list(words::levels), word_list(words::sources),
        word_list(words::refusals), word_list(words::rejects), word_list(words::endings), word_list(words::error_kinds),
        word_list(words::laws), word_list(words::value_laws), word_list(words::plain_types),
        word_list(words::requirement_by), word_list(words::reviews), word_list(words::protocols),
        word_list(words::stream_ends)}) {
    for (const auto& word : words) EXPECT_EQ(values.count(std::string(word)), 1u) << word;
  }
}

TEST(Schema, OffersEachAtomAndMatcherAsABranch) {
  const auto defs = schema("vectors").at("$defs");
  const auto first_keys = [&](const std::string& name) {
    std::set<std::string> keys;
    const std::function<void(const std::string&)> add = [&](const std::string& at) {
      for (const auto& branch : defs.at(at).at("oneOf")) {
        if (branch.contains("$ref")) {
          add(branch.at("$ref").get<std::string>().substr(std::string("#/$defs/").size()));
        } else {
          keys.insert(branch.at("required").at(0).get<std::string>());
        }
      }
    };
    add(name);
    return keys;
  };
  EXPECT_EQ(first_keys("atom"), std::set<std::string>(words::atoms.begin(), words::atoms.end()));
  EXPECT_EQ(first_keys("matcher"), std::set<std::string>(words::matchers.begin(), words::matchers.end()));
  EXPECT_EQ(first_keys("step"), std::set<std::string>(words::verbs.begin(), words::verbs.end()));
}

}  // namespace
}  // namespace ampspec::vectors
