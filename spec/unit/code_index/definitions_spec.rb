# frozen_string_literal: true

require_relative "../../../examples/code_index/definitions"

RSpec.describe "CodeIndex::Definitions" do
  def names(source)
    CodeIndex::Definitions.in(source).map { |definition| "#{definition.kind} #{definition.full_name}" }
  end

  def lines(source)
    CodeIndex::Definitions.in(source).to_h { |definition| [definition.full_name, definition.line] }
  end

  it "finds classes, modules and methods by their full names" do
    source = <<~RUBY
      module Outer
        class Inner < Struct.new(:a)
          def plain; end
          class Deep; def down; end; end
        end
      end
      def top; end
    RUBY
    expect(names(source)).to contain_exactly(
      "module Outer", "class Outer::Inner", "method Outer::Inner#plain",
      "class Outer::Inner::Deep", "method Outer::Inner::Deep#down", "method top"
    )
  end

  it "gives the line of each name" do
    source = "\n# comment\nclass Foo\n\n  def\n    bar; end\nend\n"
    expect(lines(source)).to eq("Foo" => 3, "Foo#bar" => 6)
  end

  it "knows every form of singleton method" do
    source = <<~RUBY
      class Foo
        def self.one; end
        def Foo.two; end
        class << self
          def three; end
          private def four = 4
          class Inside; def not_single; end; end
        end
      end
      class << Other; def five; end; end
      class << @variable; def seven; end; end
      class << (MADE = Object.new); def eight; end; end
      def self.six; end
    RUBY
    expect(names(source)).to contain_exactly(
      "class Foo", "singleton method Foo.one", "singleton method Foo.two", "singleton method Foo.three",
      "singleton method Foo.four", "class Foo::Inside", "method Foo::Inside#not_single",
      "singleton method Other.five", "singleton method @variable.seven", "singleton method self.six",
      "singleton method MADE.eight"
    )
  end

  it "knows names given as paths" do
    source = <<~RUBY
      module M
        class ::Top; def a; end; end
        class A::B::C; def b; end; end
      end
      class expression::D; end
    RUBY
    expect(names(source)).to contain_exactly(
      "module M", "class Top", "method Top#a", "class M::A::B::C", "method M::A::B::C#b", "class expression::D"
    )
  end

  it "takes operators, keywords and setters as names of methods" do
    source = "class A; def ==(o); end; def `(c); end; def class; end; def x=(v); end; def !; end; " \
             "def []=(k, v); end; def self.==(o); end; def self.class; end; def self::colons; end; end"
    expect(names(source).grep(/method/)).to eq(
      ["method A#==", "method A#`", "method A#class", "method A#x=", "method A#!", "method A#[]=",
       "singleton method A.==", "singleton method A.class", "singleton method A.colons"]
    )
  end

  it "is not deceived by text that looks like a definition" do
    source = <<~RUBY
      # def comment; end
      TEXT = <<~HEREDOC
        class Fake
          def fake; end
        end
      HEREDOC
      x.class; :class; { class: 1, def: 2 }; %i[def module]; "def \#{y} end"; foo.def
      def real(class: 1); end
      __END__
      def after; end
    RUBY
    expect(names(source)).to eq(["method real"])
  end

  it "finds endless methods and methods with numbered parameters and pattern matching" do
    source = "def twice(x) = x * 2\ndef other\n  [1].map { _1 }\n  case [1]; in [Integer => a] then a; end\nend\n"
    expect(lines(source)).to eq("twice" => 1, "other" => 2)
  end

  it "tells what the body of a method mentions, each name once" do
    source = "def pairs(list) = list.each_slice(2).map { |a, b| Pair.new(a, b) }\ndef other; end\n" \
             "def self.run = @step.go\ndef Other.run(run) = x\nclass A; end\n"
    expect(CodeIndex::Definitions.in(source).map { |definition| definition.words.split })
      .to eq([%w[list each_slice map a b Pair new], [], %w[go], %w[run x], []])
  end

  it "finds nothing in nothing, and reads carriage returns" do
    expect(names("")).to eq([])
    expect(lines("class A\r\n  def b\r\n  end\r\nend\r\n")).to eq("A" => 1, "A#b" => 2)
  end

  it "makes rows in UTF-8 of sources in other encodings" do
    source = (+"# encoding: iso-8859-1\ndef gr\xFC\xDFe; end\n").force_encoding("ISO-8859-1")
    expect(CodeIndex::Definitions.in(source).first.to_row("x.rb")).to eq(["grüße", "", "method", "x.rb", 2])
  end

  {
    "class" => /line 1/, "def x" => /line 1/, "\n\nend" => /line 3/, "class foo; end" => /CONSTANT/,
    "def x(@a); end" => /instance variable/, "alias $a $1" => /alias/, "x = [1," => /line 1/
  }.each do |source, message|
    it "says what is wrong with #{source.inspect}" do
      expect { CodeIndex::Definitions.in(source) }.to raise_error(CodeIndex::Definitions::SyntaxError, message)
    end
  end
end
