// Plays each vector of the files named on the command line against our own implementations, one GoogleTest each.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/loader.hpp"
#include "runner/places.hpp"
#include "runner/report/picture.hpp"
#include "runner/score.hpp"

#include <gtest/gtest.h>

#include <iostream>

namespace {

using namespace ampspec;

class played_vector : public testing::Test {
 public:
  played_vector(const vectors::vector& v, const vectors::catalogue& c, bool naive)
      : vector_(v), catalogue_(c), naive_(naive) {}

  void TestBody() override {
    for (const auto& r : runner::play_in_process(vector_, catalogue_, naive_)) {
      EXPECT_FALSE(runner::shows_fault(r))
          << vector_.mark.file.str() << ":" << vector_.mark.line << ": " << vector_.title << "\n"
          << vectors::name_of(r.role) << (r.variant.empty() ? "" : " [" + r.variant + "]") << ", " << r.cut << ": "
          << r.signature << "\nexpected " << r.expected << "\ngot      " << r.got << "\n"
          << runner::plain_transcript(r);
    }
  }

 private:
  const vectors::vector& vector_;
  const vectors::catalogue& catalogue_;
  const bool naive_;
};

class played_fault : public testing::Test {
 public:
  played_fault(const runner::library& lib, std::string name) : library_(lib), name_(std::move(name)) {}

  void TestBody() override {
    std::string named;
    for (const auto* v : library_.all()) {
      if (std::find(v->catches.begin(), v->catches.end(), name_) == v->catches.end()) continue;
      const auto results = runner::play_in_process(*v, library_.catalogue, true, name_, true);
      if (!results.empty() && runner::shows_fault(results.back())) return;
      named += " " + v->id;
    }
    FAIL() << (named.empty() ? "no vector names it in `catches`"
                             : "none of the vectors that name it shows it:" + named);
  }

 private:
  const runner::library& library_;
  const std::string name_;
};

}  // namespace

// play_vectors FILE...: the vectors of these files; play_vectors: the faults.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  try {
    runner::library lib;
    if (argc == 1) {
      lib = runner::load_library();
      for (const auto& [name, fault] : lib.catalogue.faults) {
        if (fault.planned) continue;
        testing::RegisterTest("fault", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                              [&lib, n = name]() -> testing::Test* { return new played_fault(lib, n); });
      }
    } else {
      lib = runner::load_library(false);
      for (int i = 1; i < argc; ++i) lib.suites.push_back(vectors::load_suite(argv[i]));
      for (const auto* v : lib.all()) {
        for (const bool naive : {false, true}) {
          if (naive && v->level != vectors::tier::normal) continue;  // it holds whole what it is given
          // Of AMPS it has the codec and the client, and no broker.
          const bool broker_alone = v->roles == std::vector{vectors::role::server};
          if (naive && v->protocol == "amps" && broker_alone) continue;
          testing::RegisterTest(
              v->id.c_str(), naive ? "naive" : "reference", nullptr, nullptr, v->mark.file.str().c_str(), v->mark.line,
              [v, naive, &lib]() -> testing::Test* { return new played_vector(*v, lib.catalogue, naive); });
        }
      }
    }
    return RUN_ALL_TESTS();
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 2;
  }
}
